//! Requests per second of a real server over TCP with a directory of 20,000 subjects: reading one subject, a list of 50
//! with two filters, a durable write with its journal event; logged in, rights checked, sealing on, 32 clients that each
//! wait for their answer.
//!
//! `cargo bench --bench http -- [sqlite] [postgres ADDRESS] [seconds N] [connections N]`; a PostgreSQL address is that of an empty
//! database on a server with fsync on.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use onedoor::clock::Clock;
use onedoor::config::Config;
use onedoor::domain::access::Role;
use onedoor::entropy::Entropy;
use onedoor::ids::Id;
use onedoor::keys::Keys;
use onedoor::store::accounts::{self, Account};
use onedoor::store::departments::{self, Department};
use onedoor::store::migrate;
use onedoor::store::subjects::{self, Subject};
use onedoor::store::types::{At, Doc};
use onedoor::web::run::{self, Parts};
use onedoor::web::server::Server;
use onedoor::worker::Worker;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const CLIENTS: usize = 32;
const SUBJECTS: usize = 20_000;
const CLERK: &str = "bench-clerk";
const PASSWORD: &str = "bench horse battery staple 7";

fn main() {
    let mut seconds = 10;
    let mut connections = String::new();
    let mut urls = Vec::new();
    let mut words = std::env::args().skip(1).filter(|w| w != "--bench");
    let dir = tempfile::tempdir().unwrap();
    while let Some(word) = words.next() {
        match word.as_str() {
            "sqlite" => urls.push(format!("sqlite:{}", dir.path().join("bench.db").display())),
            "postgres" => urls.push(words.next().unwrap()),
            "seconds" => seconds = words.next().unwrap().parse().unwrap(),
            "connections" => connections = format!("connections = {}\n", words.next().unwrap()),
            other => {
                eprintln!("{other}: sqlite, postgres ADDRESS, seconds N, connections N");
                std::process::exit(2);
            }
        }
    }
    if urls.is_empty() {
        urls.push(format!("sqlite:{}", dir.path().join("bench.db").display()));
    }
    for url in urls {
        measure(&url, seconds, &connections);
    }
}

/// A client with one connection that it keeps.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; 1 << 16] }
    }

    /// Sends a request and reads its answer: the status and the body.
    fn ask(&mut self, request: &str) -> (u16, Vec<u8>) {
        self.stream.write_all(request.as_bytes()).unwrap();
        let mut got = Vec::new();
        loop {
            let n = self.stream.read(&mut self.buffer).unwrap();
            assert!(n > 0, "the server hung up");
            got.extend_from_slice(&self.buffer[..n]);
            let Some(end) = got.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&got[..end]).unwrap().to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length:"))
                .map_or(0, |l| l.trim().parse().unwrap());
            if got.len() >= end + 4 + length {
                return (head[9..12].parse().unwrap(), got[end + 4..end + 4 + length].to_vec());
            }
        }
    }
}

fn request(method: &str, path: &str, token: &str, more: &str, body: &str) -> String {
    let token = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: bench\r\n{token}{more}Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

fn login(address: SocketAddr, name: &str) -> String {
    let body = format!("{{\"login\":\"{name}\",\"password\":\"{PASSWORD}\"}}");
    let (status, body) = Connection::open(address).ask(&request("POST", "/api/v1/session", "", "", &body));
    assert_eq!(status, 200);
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// A department, its clerk, and the directory.
fn fill(server: &Arc<Server>, hash: &str) -> Vec<Id> {
    let now = server.clock.now();
    let region = server.rules.region.code.clone();
    let id = || Id::new(now, &server.entropy).unwrap();
    let department = Department {
        id: id(),
        region: region.clone(),
        code: "SCJG".to_owned(),
        name: "市场监督管理局".to_owned(),
        search: String::new(),
        uscc: String::new(),
        level: "县级".to_owned(),
        division: String::new(),
        kind: "inspecting".to_owned(),
        rank: 1,
        aliases: Doc(Vec::new()),
        contact: String::new(),
        state: "active".to_owned(),
        version: 1,
        created_at: At(now),
        updated_at: At(now),
    };
    let clerk = Account {
        id: id(),
        region: region.clone(),
        department_id: Some(department.id),
        login: CLERK.to_owned(),
        login_key: CLERK.to_owned(),
        name: CLERK.to_owned(),
        email: String::new(),
        password_hash: hash.to_owned(),
        password_at: At(now),
        password_history: Doc(Vec::new()),
        must_change: false,
        totp_secret: None,
        totp_pending: None,
        totp_step: 0,
        inspector_id: None,
        state: "active".to_owned(),
        version: 1,
        created_at: At(now),
        updated_at: At(now),
    };
    let rows: Vec<Subject> = (0..SUBJECTS)
        .map(|n| Subject {
            id: id(),
            region: region.clone(),
            key: format!("35040360{n:07}"),
            uscc: String::new(),
            registration_no: format!("35040360{n:07}"),
            name: format!("示范县第{n}餐饮店"),
            search: format!("示范县第{n}餐饮店 35040360{n:07}"),
            kind: ["企业", "个体工商户"][n % 2].to_owned(),
            division: region.clone(),
            town: format!("第{}镇", n / 4 % 12),
            address: format!("示范县第{}镇人民路{n}号", n / 4 % 12),
            industry: "H6210".to_owned(),
            industry_name: "正餐服务".to_owned(),
            credit: ["A", "B", "C", "D"][n % 4].to_owned(),
            founded: None,
            lon: None,
            lat: None,
            contact: "张三".to_owned(),
            phone: "13800000000".to_owned(),
            tags: Doc(Vec::new()),
            abnormal: false,
            serious: false,
            state: "active".to_owned(),
            version: 1,
            created_at: At(now),
            updated_at: At(now),
        })
        .collect();
    let ids = rows.iter().map(|row| row.id).collect();
    server
        .store
        .write(move |db| {
            departments::insert(db, &department)?;
            accounts::insert(db, &clerk)?;
            accounts::set_roles(db, clerk.id, &[Role::DepartmentClerk])?;
            subjects::insert_all(db, &rows)
        })
        .unwrap();
    ids
}

fn measure(url: &str, seconds: u64, connections: &str) {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    let text = format!(
        "[database]\nurl = \"{url}\"\n{connections}[http]\nport = 0\nrequests_per_minute_user = 1000000000\n\
         requests_per_minute_address = 1000000000\n"
    );
    std::fs::write(file.path(), text).unwrap();
    let config = Config::load(Some(file.path())).unwrap();
    migrate::run(&config.place().unwrap()).unwrap();
    let entropy = Entropy::system();
    let keys = Keys::fresh(&entropy).unwrap();
    let http = config.http.clone();
    let parts = Parts { config, clock: Clock::System, entropy, keys, hash_memory_kib: Some(64) };
    let server = Server::open(parts).unwrap();
    server.first_start().unwrap();
    let hash = server.hasher.hash(PASSWORD, &[3; 16]).unwrap();
    let ids = fill(&server, &hash);
    let worker = Worker::start(&server).unwrap();
    let running = run::start(Arc::clone(&server), &http, false).unwrap();
    let address = running.address;
    let token = login(address, CLERK);
    println!("{} clients, {seconds} s each, {}", CLIENTS, url.split(':').next().unwrap());

    let own = token.clone();
    race("GET one subject", address, seconds, move |i, n| {
        let at = (i * 7_919 + usize::try_from(n).unwrap() * 104_729) % ids.len();
        request("GET", &format!("/api/v1/subjects/{}", ids[at]), &own, "", "")
    });
    let own = token.clone();
    race("GET a list of 50, two filters", address, seconds, move |i, n| {
        let town = (i + usize::try_from(n).unwrap()) % 12;
        let path = format!("/api/v1/subjects?credit=B&town=%E7%AC%AC{town}%E9%95%87&limit=50");
        request("GET", &path, &own, "", "")
    });
    let own = token.clone();
    race("POST, durable, with journal", address, seconds, move |i, n| {
        let body = format!("{{\"name\":\"新店{i}-{n}\",\"registration_no\":\"9{i:03}{n:09}\"}}");
        request("POST", "/api/v1/subjects", &own, "", &body)
    });
    race("the same with Idempotency-Key", address, seconds, move |i, n| {
        let body = format!("{{\"name\":\"新店{i}-{n}\",\"registration_no\":\"8{i:03}{n:09}\"}}");
        request("POST", "/api/v1/subjects", &token, &format!("Idempotency-Key: k-{i}-{n}\r\n"), &body)
    });
    let (commits, writes) = server.store.commits();
    println!("  {writes} writes in {commits} commits");
    running.stop().unwrap();
    drop(worker);
    let waiting = server.store.read(onedoor::store::journal::waiting).unwrap();
    println!("  {} events unsealed at the end", waiting.0);
}

/// All clients at once, each its next request after its answer.
fn race(
    name: &str,
    address: SocketAddr,
    seconds: u64,
    next: impl Fn(usize, u64) -> String + Send + Sync + 'static,
) {
    let (next, done) = (Arc::new(next), Arc::new(AtomicBool::new(false)));
    let start = Instant::now();
    let threads: Vec<_> = (0..CLIENTS)
        .map(|i| {
            let (next, done) = (Arc::clone(&next), Arc::clone(&done));
            std::thread::spawn(move || {
                let mut connection = Connection::open(address);
                let (mut times, mut bad, mut n) = (Vec::new(), 0, 0);
                while !done.load(Ordering::Relaxed) {
                    let asked = Instant::now();
                    let (status, _) = connection.ask(&next(i, n));
                    times.push(asked.elapsed());
                    bad += u64::from(!(200..300).contains(&status));
                    n += 1;
                }
                (times, bad)
            })
        })
        .collect();
    std::thread::sleep(Duration::from_secs(seconds));
    done.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    let mut refused = 0;
    for thread in threads {
        let (own, bad) = thread.join().unwrap();
        times.extend(own);
        refused += bad;
    }
    let rate = times.len() as f64 / start.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 1000].as_secs_f64() * 1000.0;
    println!(
        "  {name:<32}{rate:>9.0}/s   p50 {:>7.2} ms   p99 {:>7.2} ms   max {:>7.2} ms   refused {refused}",
        at(500),
        at(990),
        at(1000)
    );
}
