//! Bytes that are read in one way by one server and in another by the next: each is refused, or answered once and
//! nothing read behind it.

use std::time::Duration;

use local_shop::SERVICES;
use rig::Options;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::shop;

/// Whoever has answered and says nothing more for so long has answered.
const QUIET: Duration = Duration::from_millis(500);

/// What has to become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// An answer of 4xx, or none at all, and the end of the connection.
    Refused,
    /// At most one answer, whatever it says.
    Once,
}

use Fate::{Once, Refused};

/// The request that nobody has sent.
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";

struct Shape {
    name: String,
    bytes: Vec<u8>,
    fate: Fate,
}

fn shape(name: impl Into<String>, fate: Fate, bytes: impl Into<Vec<u8>>) -> Shape {
    Shape { name: name.into(), bytes: bytes.into(), fate }
}

fn post(path: &str, headers: &str, rest: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}\r\n\r\n{rest}"
    )
}

fn get(path: &str, header: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n")
}

fn shapes(path: &str) -> Vec<Shape> {
    [two_lengths(path), lengths(path), encodings(path), chunks(path), lines(path), heads(path)]
        .into_iter()
        .flatten()
        .collect()
}

fn two_lengths(path: &str) -> Vec<Shape> {
    let behind = format!("0\r\n\r\n{HIDDEN}");
    let length = behind.len();
    let both = [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}"),
        format!("Content-Length: {length}\r\ntransfer-encoding: Chunked"),
        format!("Content-Length: {length}\r\nTransfer-Encoding:chunked"),
        format!("Content-Length: {length}\r\nTransfer-Encoding:\tchunked"),
        format!("Content-Length: {length}\r\nX: a\nTransfer-Encoding: chunked"),
        "Content-Length: 4\r\nTransfer-Encoding: chunked".to_owned(),
        "Content-Length: 0\r\nTransfer-Encoding: chunked".to_owned(),
        "Content-Length: 4\r\nContent-Length: 4\r\nTransfer-Encoding: chunked".to_owned(),
    ];
    let both = both.map(|headers| shape(format!("{headers:?}"), Once, post(path, &headers, &behind)));
    let two = [
        "Content-Length: 0\r\nContent-Length: 44",
        "Content-Length: 44\r\nContent-Length: 0",
        "Content-Length: 0, 44",
        "Content-Length: 0,0",
        "Content-Length: 44\r\nTransfer-Encoding: identity",
        "Content-Length: 44\r\nTransfer-Encoding: chunked, identity",
        "Content-Length: 0\r\ncontent-length: 44",
    ];
    let two = two.map(|headers| shape(format!("{headers:?}"), Refused, post(path, headers, HIDDEN)));
    both.into_iter().chain(two).collect()
}

fn lengths(path: &str) -> Vec<Shape> {
    let lengths = [
        "+5",
        "-1",
        "5 5",
        "0x5",
        "5;",
        "5.0",
        "five",
        "",
        "99999999999999999999",
        "\u{ff15}",
        "1e1",
        "5\x0b",
    ];
    let wrong = lengths.map(|length| {
        let name = format!("a length of {length:?}");
        shape(name, Refused, post(path, &format!("Content-Length: {length}"), "12345"))
    });
    wrong.into()
}

fn encodings(path: &str) -> Vec<Shape> {
    let encodings = [
        "xchunked",
        "chunkedx",
        "identity",
        "gzip",
        "chunked;q=1",
        "chunked\x0b",
        "\"chunked\"",
        "chunked, identity",
        "",
    ];
    let mut shapes: Vec<Shape> = encodings
        .map(|encoding| {
            let headers = format!("Transfer-Encoding: {encoding}");
            shape(
                format!("an encoding {encoding:?}"),
                Refused,
                post(path, &headers, &format!("0\r\n\r\n{HIDDEN}")),
            )
        })
        .into();
    for headers in [
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        "X: a\r\n Transfer-Encoding: chunked",
        "Content-Length : 5",
    ] {
        shapes.push(shape(
            format!("{headers:?}"),
            Refused,
            post(path, headers, &format!("0\r\n\r\n{HIDDEN}")),
        ));
    }
    for headers in
        ["Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"]
    {
        shapes.push(shape(format!("{headers:?}"), Once, post(path, headers, &format!("0\r\n\r\n{HIDDEN}"))));
    }
    let old = format!(
        "POST {path} HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}"
    );
    shapes.push(shape("chunks in HTTP/1.0", Refused, old));
    shapes
}

fn chunks(path: &str) -> Vec<Shape> {
    let bodies = [
        ("no number", "zz\r\nhello\r\n0\r\n\r\n"),
        ("a negative number", "-5\r\nhello\r\n0\r\n\r\n"),
        ("a number with a sign", "+5\r\nhello\r\n0\r\n\r\n"),
        ("a number that is prefixed", "0x5\r\nhello\r\n0\r\n\r\n"),
        ("a number that is too large", "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"),
        ("nothing for a number", "\r\nhello\r\n0\r\n\r\n"),
        ("a chunk that is longer than it says", "3\r\nhello\r\n0\r\n\r\n"),
        ("ends of lines without a return", "5\nhello\n0\n\n"),
        ("a last chunk without a return", "5\r\nhello\r\n0\n\n"),
        ("an extension with an end of line in it", "5;a=\nb\r\nhello\r\n0\r\n\r\n"),
        ("a trailer without a colon", "5\r\nhello\r\n0\r\nhidden\r\n\r\n"),
    ];
    let garbage = bodies.map(|(name, body)| {
        let bytes = post(path, "Transfer-Encoding: chunked", &format!("{body}{HIDDEN}"));
        shape(format!("chunks with {name}"), Refused, bytes)
    });
    let bodies = [
        ("spaces before the number", "  5\r\nhello\r\n0\r\n\r\n".to_owned()),
        ("an extension", "5;a=b\r\nhello\r\n0\r\n\r\n".to_owned()),
        ("a long extension", format!("5;{}\r\nhello\r\n0\r\n\r\n", "a".repeat(20_000))),
        ("a length in the trailer", "5\r\nhello\r\n0\r\nContent-Length: 44\r\n\r\n".to_owned()),
        ("an encoding in the trailer", "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned()),
        ("many trailers", format!("0\r\n{}\r\n", "X: a\r\n".repeat(5_000))),
        ("a token in the trailer", "0\r\nAuthorization: Bearer x\r\n\r\n".to_owned()),
    ];
    let odd = bodies.map(|(name, body)| {
        let bytes = post(path, "Transfer-Encoding: chunked", &format!("{body}{HIDDEN}"));
        shape(format!("chunks with {name}"), Once, bytes)
    });
    garbage.into_iter().chain(odd).collect()
}

fn lines(path: &str) -> Vec<Shape> {
    let bare = format!("GET {path} HTTP/1.1\nHost: localhost\n\n");
    let behind = format!("0\r\n\r\n{HIDDEN}");
    let length = behind.len();
    let mixed = format!(
        "POST {path} HTTP/1.1\nHost: localhost\nContent-Length: {length}\nTransfer-Encoding: chunked\n\n{behind}"
    );
    vec![
        shape("lines that end without a return", Once, bare),
        shape("two lengths in lines that end without a return", Once, mixed),
        shape("a return within a line", Refused, get(path, "X: a\rTransfer-Encoding: chunked")),
        shape(
            "lines that end without a newline",
            Refused,
            format!("GET {path} HTTP/1.1\rHost: localhost\r\n\r\n"),
        ),
        shape("a line that is continued", Refused, get(path, "X: a\r\n b")),
        shape(
            "a first line that is continued",
            Refused,
            format!("GET {path}\r\n HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ),
        shape(
            "a space before the first header",
            Refused,
            format!("GET {path} HTTP/1.1\r\n Host: localhost\r\n\r\n"),
        ),
    ]
}

fn heads(path: &str) -> Vec<Shape> {
    let many: String = (0..500).map(|number| format!("X-{number}: a\r\n")).collect();
    vec![
        shape("a header without a colon", Refused, get(path, "hidden")),
        shape("a header without a name", Refused, get(path, ": a")),
        shape("a header with a zero in its name", Refused, get(path, "X\0: a")),
        shape("a header with a zero in its value", Refused, get(path, "X: a\0b")),
        shape("a header with letters of no kind", Refused, get(path, "Ünï: a")),
        shape("a header that is too long", Refused, get(path, &format!("X: {}", "a".repeat(600_000)))),
        shape("a cookie that is too long", Refused, get(path, &format!("Cookie: a={}", "a".repeat(600_000)))),
        shape(
            "a token that is too long",
            Refused,
            get(path, &format!("Authorization: Bearer {}", "a".repeat(600_000))),
        ),
        shape("too many headers", Refused, get(path, many.trim_end())),
        shape("a path that is too long", Refused, get(&format!("{path}?{}", "a".repeat(100_000)), "X: a")),
        shape("a path with a space", Refused, get(&format!("{path} /hidden"), "X: a")),
        shape("a path with a zero", Refused, get(&format!("{path}\0"), "X: a")),
        shape("no path", Refused, "GET HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        shape("no version", Refused, format!("GET {path}\r\n\r\n")),
        shape("another version", Refused, format!("GET {path} HTTP/9.9\r\nHost: localhost\r\n\r\n")),
        shape(
            "a version in small letters",
            Refused,
            format!("GET {path} http/1.1\r\nHost: localhost\r\n\r\n"),
        ),
        shape("a method of no kind", Refused, format!("G\0T {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        shape("HTTP/2 in the first line", Refused, format!("GET {path} HTTP/2.0\r\nHost: localhost\r\n\r\n")),
        shape(
            "a handshake of TLS",
            Refused,
            [0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x00, b'\r', b'\n', b'\r', b'\n'],
        ),
        shape(
            "HTTP/2 by an upgrade",
            Once,
            get(path, "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk"),
        ),
        shape("two hosts", Once, get(path, "Host: evil.example")),
        shape("another host in the path", Once, get(&format!("http://evil.example{path}"), "X: a")),
    ]
}

struct Seen {
    answers: Vec<u16>,
    is_closed: bool,
}

async fn send(address: &str, bytes: &[u8]) -> Seen {
    let mut connection = TcpStream::connect(address).await.unwrap();
    // Who is refused in the middle of it may find the connection closed.
    let _ = timeout(crate::SOON, connection.write_all(bytes)).await;
    let (mut read, mut is_closed) = (Vec::new(), false);
    let mut part = vec![0; 65_536];
    while !is_closed {
        let patience = if read.is_empty() { crate::SOON } else { QUIET };
        match timeout(patience, connection.read(&mut part)).await {
            Ok(Ok(0) | Err(_)) => is_closed = true,
            Ok(Ok(length)) => read.extend_from_slice(&part[..length]),
            Err(_) => break,
        }
    }
    let text = String::from_utf8_lossy(&read);
    let answers = text.split("HTTP/1.").skip(1).filter_map(|answer| answer.get(2..5)?.parse().ok()).collect();
    Seen { answers, is_closed }
}

fn fault(shape: &Shape, Seen { answers, is_closed }: &Seen) -> Option<String> {
    let is_right = match shape.fate {
        Refused => *is_closed && (answers.is_empty() || matches!(answers[..], [400..=499])),
        Once => answers.len() <= 1 && (*is_closed || !answers.is_empty()) && !answers.contains(&500),
    };
    let Shape { name, fate, .. } = shape;
    (!is_right).then(|| format!("{name}: should be {fate:?}, has answers {answers:?}, closed: {is_closed}"))
}

#[tokio::test]
async fn no_request_hides_behind_another() {
    let shop = shop(Options { has_edge: false, ..Options::default() }).await;
    let mut faulty = Vec::new();
    let mut sent = 0;
    for service in &SERVICES {
        let name = format!("{}_HTTP_ADDR", service.name.to_uppercase());
        let address = shop.processes().address(&name).unwrap().to_owned();
        let path = service.paths.first().map_or("/readyz".to_owned(), |path| format!("{path}/here"));
        let shapes = shapes(&path);
        sent += shapes.len();
        let seen = futures::future::join_all(shapes.iter().map(|shape| send(&address, &shape.bytes))).await;
        let faults = shapes.iter().zip(&seen).filter_map(|(shape, seen)| fault(shape, seen));
        faulty.extend(faults.map(|fault| format!("{}: {fault}", service.name)));
        let alive = send(&address, get("/healthz", "Connection: close").as_bytes()).await;
        assert_eq!(alive.answers, [200], "{} lives", service.name);
    }
    println!("{sent} requests");
    assert!(faulty.is_empty(), "{} of {sent}:\n{}", faulty.len(), faulty.join("\n"));
}
