//! A go-between on one TCP connection's way from one process to another, on loopback alone: it passes everything on,
//! or nothing, or only what goes one way.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{self, TcpStream},
    runtime::Handle,
    sync::watch,
};

const CHUNK: usize = 16 * 1024;

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passage {
    #[default]
    Open,
    /// Connections are closed, and new ones refused.
    Refused,
    /// Connections stand, and nothing is read from either end until the way is open again.
    Swallowed,
    /// What the one who connects says arrives, and no answer does.
    NoAnswers,
    /// Answers arrive, and nothing that is asked.
    NoRequests,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    There,
    Back,
}

/// It passes on for as long as the runtime lives that it was opened in.
#[derive(Debug)]
pub struct Between {
    address: SocketAddr,
    passage: watch::Sender<Passage>,
}

impl Between {
    /// On a free port; `runtime` carries what passes.
    pub fn open(port: u16, target: SocketAddr, runtime: &Handle) -> io::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let (passage, watched) = watch::channel(Passage::Open);
        runtime.spawn(serve(listener, address, target, watched));
        Ok(Self { address, passage })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn set(&self, passage: Passage) {
        self.passage.send_replace(passage);
    }
}

impl Passage {
    fn lets(self, way: Way) -> bool {
        match self {
            Self::Open => true,
            Self::Refused | Self::Swallowed => false,
            Self::NoAnswers => way == Way::There,
            Self::NoRequests => way == Way::Back,
        }
    }
}

impl fmt::Display for Passage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Open => "open",
            Self::Refused => "connections refused",
            Self::Swallowed => "nothing passes",
            Self::NoAnswers => "no answers pass",
            Self::NoRequests => "no requests pass",
        })
    }
}

async fn serve(
    first: TcpListener,
    address: SocketAddr,
    target: SocketAddr,
    mut passage: watch::Receiver<Passage>,
) {
    let watched = passage.clone();
    let mut listener = net::TcpListener::from_std(first).ok();
    loop {
        if listener.is_none() {
            // To refuse is not to listen.
            if until(&mut passage, |passage| passage != Passage::Refused).await.is_none() {
                return;
            }
            listener = net::TcpListener::bind(address).await.ok();
        }
        let Some(listening) = &listener else {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        tokio::select! {
            biased;
            refused = until(&mut passage, |passage| passage == Passage::Refused) => match refused {
                Some(()) => listener = None,
                None => return,
            },
            accepted = listening.accept() => if let Ok((asking, _)) = accepted {
                tokio::spawn(carry(asking, target, watched.clone()));
            },
        }
    }
}

/// Until either end closes, or both are cut off.
async fn carry(asking: TcpStream, target: SocketAddr, mut passage: watch::Receiver<Passage>) {
    let Ok(answering) = TcpStream::connect(target).await else { return };
    for end in [&asking, &answering] {
        let _ = end.set_nodelay(true);
    }
    let (asking, answering) = (asking.into_split(), answering.into_split());
    let there = pass(asking.0, answering.1, Way::There, passage.clone());
    let back = pass(answering.0, asking.1, Way::Back, passage.clone());
    tokio::select! {
        _ = until(&mut passage, |passage| passage == Passage::Refused) => {}
        _ = there => {}
        _ = back => {}
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    way: Way,
    mut passage: watch::Receiver<Passage>,
) -> Option<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        until(&mut passage, |passage| passage.lets(way)).await?;
        let read = tokio::select! {
            biased;
            shut = until(&mut passage, |passage| !passage.lets(way)) => {
                shut?;
                continue;
            }
            read = from.read(&mut chunk) => read.ok()?,
        };
        if read == 0 {
            return to.shutdown().await.ok();
        }
        to.write_all(&chunk[..read]).await.ok()?;
    }
}

/// Waits; nothing once nobody decides any more.
async fn until(passage: &mut watch::Receiver<Passage>, condition: impl Fn(Passage) -> bool) -> Option<()> {
    passage.wait_for(|passage| condition(*passage)).await.ok().map(drop)
}

#[cfg(test)]
mod tests;
