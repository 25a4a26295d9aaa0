//! Whether a server can be used, found out by really talking to it.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use crate::http;

#[derive(Clone, Debug)]
pub enum Probe {
    /// It takes a connection.
    Connect,
    /// It introduces itself, with JetStream.
    Nats,
    /// It answers PING, so its data are loaded.
    Redis,
    /// It answers this path with 200.
    Ready(String),
    /// It passes this path on: Traefik's own 404 means that it has not read its routes yet.
    Routed(String),
}

impl Probe {
    /// What is missing, when something is.
    pub fn ask(&self, port: u16) -> Result<(), String> {
        match self {
            Self::Connect => connect(port).map(drop).map_err(|error| error.to_string()),
            Self::Nats => expect_line(port, b"", "\"jetstream\":true"),
            Self::Redis => expect_line(port, b"PING\r\n", "+PONG"),
            Self::Ready(path) => match http::get(port, path) {
                Ok((200, _)) => Ok(()),
                Ok((status, body)) => Err(format!("{status} {}", body.trim())),
                Err(error) => Err(error.to_string()),
            },
            Self::Routed(path) => match http::get(port, path) {
                Ok((404, body)) if body.contains("404 page not found") => Err("no routes yet".to_owned()),
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

fn expect_line(port: u16, question: &[u8], expected: &str) -> Result<(), String> {
    let line = first_line(port, question).map_err(|error| error.to_string())?;
    if line.contains(expected) { Ok(()) } else { Err(format!("it answered {:?}", line.trim())) }
}

fn first_line(port: u16, question: &[u8]) -> io::Result<String> {
    let mut stream = connect(port)?;
    stream.write_all(question)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line)
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    Ok(stream)
}
