//! Bodies that are too long, over a real connection: the sender gets to read the answer.

use std::net::{Ipv4Addr, SocketAddr};

use axum::http::header;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

use crate::support::{House, Style, raw};

const LIMIT: usize = 16 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

/// Small buffers, so that what the server does not read cannot be sent.
fn socket() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    socket.set_send_buffer_size(4096).expect("a small buffer");
    socket
}

fn serve(house: &House) -> SocketAddr {
    let socket = socket();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
    let listener = socket.listen(16).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let service = house.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

/// Sends everything, then reads to the end. A sender whose connection is reset sees no answer.
async fn exchange(address: SocketAddr, head: &str, body: &[u8]) -> String {
    let mut stream = socket().connect(address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("a head that is sent");
    stream.write_all(body).await.expect("a body that is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

fn head(more: &str) -> String {
    format!("POST /oauth2-token HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\n{more}\r\n\r\n")
}

#[tokio::test]
async fn a_body_of_16_kib_is_read_and_one_byte_more_is_refused() {
    let house = House::new().await;
    let fits = format!("grant_type=password&x={}", "a".repeat(LIMIT - 22));
    assert_eq!(fits.len(), LIMIT);
    let answer = house.send(raw(FORM, fits.clone())).await;
    assert_eq!(answer.refusal(), (400, "unsupported_grant_type".to_owned()));
    let answer = house.send(raw(FORM, fits + "a")).await;
    assert_eq!(answer.refusal(), (413, "invalid_request".to_owned()));
    assert_eq!(answer.json()["hint"], "The body has more than 16384 bytes.");
}

#[tokio::test]
async fn a_sender_of_half_a_mebibyte_gets_to_read_why_not() {
    let house = House::new().await;
    let address = serve(&house);
    let body = vec![b'a'; 512 * 1024];
    let declared = head(&format!("Content-Length: {}", body.len()));
    let answer = exchange(address, &declared, &body).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("invalid_request") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_body_of_undeclared_length_is_bounded_too() {
    let house = House::new().await;
    let address = serve(&house);
    let mut body = Vec::new();
    for _ in 0..64 {
        body.extend_from_slice(b"2000\r\n");
        body.extend_from_slice(&[b'a'; 0x2000]);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"0\r\n\r\n");
    let answer = exchange(address, &head("Transfer-Encoding: chunked"), &body).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_sender_that_waits_to_be_told_is_told_before_it_sends() {
    let house = House::new().await;
    let address = serve(&house);
    let head = head("Content-Length: 99999999\r\nExpect: 100-continue");
    let answer = exchange(address, &head, b"").await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_token_comes_over_a_real_connection_from_its_address() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let address = serve(&house);
    let (id, secret) = (created.client_id.as_str(), created.secret.expose());
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let more = format!(
        "Connection: close\r\nX-Forwarded-For: 203.0.113.9\r\nContent-Length: {}",
        body.len()
    );
    let answer = exchange(address, &head(&more), body.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    house.flush_to(&*house.notebook).await;
    let sealed = house.notebook.of(created.id).last_address.expect("an address");
    let mut document = serde_json::from_str(&sealed).expect("JSON");
    house.app.commands.log.vault().open(&mut document).await.expect("an opened address");
    assert_eq!(document["$personal"], "127.0.0.1");
}

#[tokio::test]
async fn a_long_body_is_refused_everywhere() {
    let house = House::new().await;
    let mut request = Style::BodyForm.request("a", &"b".repeat(65 * 1024), &[]);
    *request.method_mut() = "GET".parse().expect("a method");
    *request.uri_mut() = "/livez".parse().expect("a path");
    let answer = house.send(request).await;
    assert_eq!(answer.status.as_u16(), 413);
    assert_eq!(answer.headers[header::CONNECTION], "close");
}
