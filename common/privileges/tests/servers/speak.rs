//! A connection of one user, by the servers' own protocols: what is refused is told at once, and by name.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Of NATS.
pub(crate) struct Line(BufReader<TcpStream>);

impl Line {
    /// What the server says against it, where it does.
    pub(crate) fn open(port: u16, user: Option<(&str, &str)>) -> Result<Self, String> {
        let mut line = Self(BufReader::new(connect(port)));
        let who = user.map_or(String::new(), |(user, password)| {
            format!(",\"user\":\"{user}\",\"pass\":\"{password}\"")
        });
        line.says(&format!("CONNECT {{\"verbose\":false,\"headers\":true{who}}}\r\n")).map(|_| line)
    }

    pub(crate) fn publish(&mut self, subject: &str, body: &str) -> Result<(), String> {
        self.says(&format!("PUB {subject} {}\r\n{body}\r\n", body.len())).map(drop)
    }

    pub(crate) fn subscribe(&mut self, subject: &str) -> Result<(), String> {
        self.says(&format!("SUB {subject} 1\r\nUNSUB 1\r\n")).map(drop)
    }

    /// The answer's body, which comes to this inbox.
    pub(crate) fn ask(&mut self, subject: &str, inbox: &str, body: &str) -> Result<String, String> {
        let ask = format!("SUB {inbox} 2\r\nPUB {subject} {inbox} {}\r\n{body}\r\n", body.len());
        let mut heard = self.says(&ask)?;
        while !heard.contains("MSG ") {
            heard = self.says("")?;
        }
        self.says("UNSUB 2\r\n").map(|more| heard + &more)
    }

    /// All that comes until the server has heard this.
    pub(crate) fn says(&mut self, what: &str) -> Result<String, String> {
        write!(self.0.get_mut(), "{what}PING\r\n").unwrap();
        let (mut heard, mut refusal) = (String::new(), None);
        loop {
            let mut line = String::new();
            // A server that refuses somebody hangs up.
            if self.0.read_line(&mut line).unwrap_or(0) == 0 {
                return Err(refusal.unwrap_or_else(|| "closed".to_owned()));
            }
            if line.starts_with("-ERR") {
                refusal = Some(line.trim().to_owned());
            } else if line == "PONG\r\n" {
                return refusal.map_or(Ok(heard), Err);
            } else if line != "PING\r\n" {
                heard.push_str(&line);
            }
        }
    }
}

/// What Redis says to each of these commands in turn.
pub(crate) fn redis(port: u16, commands: &[Vec<&str>]) -> Vec<String> {
    let mut stream = connect(port);
    let mut answers = Vec::new();
    for command in commands {
        let mut text = format!("*{}\r\n", command.len());
        for word in command {
            text.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        stream.write_all(text.as_bytes()).unwrap();
        let mut part = [0; 16 * 1024];
        let length = stream.read(&mut part).unwrap();
        answers.push(String::from_utf8_lossy(&part[..length]).trim().to_owned());
    }
    answers
}
