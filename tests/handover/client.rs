//! The client against receivers that are slow, huge, torn, untrusted, or no receiver at all.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use overdracht::client::{Answer, Client, ClientOptions, Failure, Held, RetryAfter, Trace};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};
use uuid::Uuid;

const IDENTIFIER: &str = "urn:uuid:6f0d3d0e-6f0a-4d0c-9d57-000000000001";

fn options() -> ClientOptions {
    ClientOptions {
        connect_timeout: Duration::from_secs(2),
        timeout: Duration::from_secs(2),
        max_answer_bytes: 10_000,
        ..ClientOptions::default()
    }
}

async fn send_with(options: ClientOptions, base: &str) -> Answer {
    let trace = Trace { request: Uuid::from_u128(1), trace: Uuid::from_u128(2) };
    let client = Client::new(options).expect("a client");
    client.conditional_create(base, IDENTIFIER, b"{\"resourceType\":\"Bundle\"}".to_vec(), trace).await
}

async fn send(base: &str) -> Answer {
    send_with(options(), base).await
}

/// Reads one request: head and body.
fn read_request(stream: &mut impl Read) -> String {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n > 0) {
        text.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&text).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    let _ = stream.read_exact(&mut body);
    head
}

/// A server that answers each connection with `answer`; its FHIR base URL.
fn server(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let request = read_request(&mut stream);
            answer(&request, &mut stream);
        }
    });
    format!("http://{address}/fhir")
}

fn says(answer: &'static str) -> String {
    server(move |_, stream| {
        let _ = stream.write_all(answer.as_bytes());
    })
}

#[tokio::test]
async fn a_conditional_create_carries_its_condition_and_its_ids() {
    let base = server(|request, stream| {
        let expected = [
            "post /fhir/bundle http/1.1",
            "content-type: application/fhir+json",
            "if-none-exist: identifier=urn:ietf:rfc:3986|urn:uuid:6f0d3d0e-6f0a-4d0c-9d57-000000000001",
            "x-request-id: 00000000-0000-0000-0000-000000000001",
            "traceparent: 00-00000000000000000000000000000002-",
        ];
        let whole = expected.iter().all(|line| request.contains(line));
        let status = if whole { "201 Created\r\nLocation: http://x/Bundle/7" } else { "400 Bad Request" };
        let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
    });
    let Answer::Status { status, location, fhir, .. } = send(&base).await else { panic!("an answer") };
    assert_eq!((status, location.as_deref(), fhir), (201, Some("http://x/Bundle/7"), true));
}

#[tokio::test]
async fn retry_after_and_pages_that_are_no_fhir_are_told() {
    let busy = says("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
    let Answer::Status { status: 503, retry_after, .. } = send(&busy).await else { panic!("503") };
    assert_eq!(retry_after, Some(RetryAfter::In(Duration::from_secs(7))));
    let login = says("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nlogin");
    assert!(matches!(send(&login).await, Answer::Status { status: 200, fhir: false, .. }));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    let elsewhere = server(move |_, stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        let _ = stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    });
    let base = server(move |_, stream| {
        let _ = write!(stream, "HTTP/1.1 307 Temporary\r\nLocation: {elsewhere}/Bundle\r\nContent-Length: 0\r\n\r\n");
    });
    assert_eq!(send(&base).await.status(), Some(307));
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn silence_ends_in_time_and_a_huge_answer_is_not_read() {
    let silent = server(|_, _| thread::sleep(Duration::from_secs(20)));
    let began = Instant::now();
    assert_eq!(send(&silent).await, Answer::None(Failure::Timeout));
    assert!(began.elapsed() < Duration::from_secs(10));

    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let huge = server(move |_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 1000000000\r\n\r\n");
        let block = vec![b'x'; 1 << 16];
        while stream.write_all(&block).is_ok() {
            counted.fetch_add(block.len(), Ordering::SeqCst);
        }
    });
    assert_eq!(send(&huge).await.status(), Some(201), "the status is the acknowledgement");
    thread::sleep(Duration::from_millis(200));
    assert!(sent.load(Ordering::SeqCst) < 100_000_000);
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_apart_from_one_that_was_never_made() {
    let torn = server(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 20");
    });
    assert_eq!(send(&torn).await, Answer::None(Failure::Torn));
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    assert_eq!(send(&format!("http://{nobody}/fhir")).await, Answer::None(Failure::Connect));
}

#[tokio::test]
async fn after_a_conflict_the_receiver_is_asked() {
    for (found, held) in [("\"entry\":[{}]", Held::Yes), ("\"total\":0", Held::No)] {
        let base = server(move |request, stream| {
            let body = format!("{{\"resourceType\":\"Bundle\",{found}}}");
            let _ = if request.starts_with("post") {
                write!(stream, "HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            } else {
                write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            };
        });
        let Answer::Status { status: 409, held: said, .. } = send(&base).await else { panic!("409") };
        assert_eq!(said, held);
    }
}

/// A TLS server for `localhost` and its authority.
fn tls_server() -> (String, Vec<u8>) {
    let authority_key = rcgen::KeyPair::generate().expect("a key");
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = parameters.self_signed(&authority_key).expect("an authority");
    let issuer = rcgen::Issuer::new(parameters, authority_key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = parameters.signed_by(&key, &issuer).expect("a certificate");
    let config =
        ServerConfig::builder_with_provider(Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .expect("a configuration");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address: SocketAddr = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let mut stream = StreamOwned::new(connection, stream);
            if !read_request(&mut stream).is_empty() {
                let _ = stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
                let _ = stream.flush();
            }
        }
    });
    (format!("https://localhost:{}/fhir", address.port()), authority.pem().into_bytes())
}

#[tokio::test]
async fn tls_is_trusted_only_with_its_authority_and_for_its_name() {
    let (base, authority) = tls_server();
    let trusting = ClientOptions { extra_authorities: vec![authority], ..options() };
    assert_eq!(send_with(trusting.clone(), &base).await.status(), Some(201));
    assert_eq!(send(&base).await, Answer::None(Failure::Tls));
    let other_name = base.replace("localhost", "127.0.0.1");
    assert_eq!(send_with(trusting, &other_name).await, Answer::None(Failure::Tls));
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_not_connected_to() {
    let answer = send("https://169.254.169.254/fhir").await;
    assert!(matches!(answer, Answer::None(Failure::Address(_))), "{answer:?}");
}
