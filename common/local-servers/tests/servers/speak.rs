//! Just enough of each server's own protocol to write something and read it back.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

/// Sends a request to a subject and returns all that came back up to the end of the answer.
pub(crate) fn nats(port: u16, subject: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    write!(
        stream,
        "CONNECT {{\"verbose\":false}}\r\nSUB answer 1\r\nPUB {subject} answer {length}\r\n{body}\r\n"
    )
    .unwrap();
    let mut heard = String::new();
    let mut part = [0; 4096];
    while !heard.split_once("MSG answer").is_some_and(|(_, message)| message.trim_end().ends_with('}')) {
        let length = stream.read(&mut part).unwrap();
        heard.push_str(&String::from_utf8_lossy(&part[..length]));
        assert!(length > 0, "the connection ended after {heard}");
    }
    heard
}

pub(crate) fn redis(port: u16, command: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "{command}\r\n").unwrap();
    let mut part = [0; 256];
    let length = stream.read(&mut part).unwrap();
    String::from_utf8_lossy(&part[..length]).into_owned()
}

pub(crate) fn mongodb_insert(port: u16, id: i32) {
    let documents = document(&[document_field("0", &document(&[number("_id", id)]))]);
    let concern = document(&[flag("j", true)]);
    let documents = field(4, "documents", &documents);
    let insert =
        [text("insert", "kept"), documents, document_field("writeConcern", &concern), text("$db", "test")];
    assert_eq!(ask_mongodb(port, &document(&insert)), 1, "inserted");
}

/// With a query: without one the engine answers from a figure that a crash may set back.
pub(crate) fn mongodb_count(port: u16) -> i32 {
    let any = document(&[document_field("_id", &document(&[number("$gt", 0)]))]);
    ask_mongodb(port, &document(&[text("count", "kept"), document_field("query", &any), text("$db", "test")]))
}

/// The number `n` of the answer.
fn ask_mongodb(port: u16, command: &[u8]) -> i32 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = 16 + 4 + 1 + i32::try_from(command.len()).unwrap();
    let header = [length, 1, 0, 2013, 0].map(i32::to_le_bytes).concat();
    stream.write_all(&[&header, &[0_u8][..], command].concat()).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::try_from(i32::from_le_bytes(length)).unwrap() - 4];
    stream.read_exact(&mut answer).unwrap();
    let at = answer.windows(3).position(|window| window == b"\x10n\0").unwrap() + 3;
    i32::from_le_bytes(answer[at..at + 4].try_into().unwrap())
}

fn document(fields: &[Vec<u8>]) -> Vec<u8> {
    let fields = fields.concat();
    let length = i32::try_from(fields.len() + 5).unwrap();
    [&length.to_le_bytes()[..], &fields, &[0]].concat()
}

fn field(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
    [&[kind][..], name.as_bytes(), &[0], value].concat()
}

fn document_field(name: &str, value: &[u8]) -> Vec<u8> {
    field(3, name, value)
}

fn text(name: &str, value: &str) -> Vec<u8> {
    let length = i32::try_from(value.len() + 1).unwrap();
    field(2, name, &[&length.to_le_bytes()[..], value.as_bytes(), &[0]].concat())
}

fn number(name: &str, value: i32) -> Vec<u8> {
    field(16, name, &value.to_le_bytes())
}

fn flag(name: &str, value: bool) -> Vec<u8> {
    field(8, name, &[u8::from(value)])
}
