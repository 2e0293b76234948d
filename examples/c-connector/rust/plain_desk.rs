//! The connector of ../plain_desk.c in Rust, by hand against ombud/connector.h: the ABI is C, so any
//! language that can export a constant and call C can be a connector. Its supplier takes the hub's
//! documents as they are and answers with ids, one a line.
use std::ffi::{c_char, c_void, CStr};
use std::panic::{catch_unwind, AssertUnwindSafe};

const OK: i32 = 0;
const RETRY: i32 = 1;
const RATE_LIMITED: i32 = 2;
const AUTH: i32 = 3;
const PERMANENT: i32 = 4;
const AMBIGUOUS: i32 = 5;
const CANCELLED: i32 = 6;

// ---- ombud/connector.h --------------------------------------------------------------------------

#[repr(C)]
#[derive(Clone, Copy)]
struct Bytes { data: *const u8, size: usize }
#[repr(C)]
struct Error { size: u32, supplier_code: i32, retry_after_ms: i64, message: Bytes }
#[repr(C)]
struct Call {
    imp: *mut c_void,
    remaining_ms: extern "C" fn(*const Call) -> i64,
    cancelled: extern "C" fn(*const Call) -> i32,
    fail: extern "C" fn(*const Call, *const Error),
}
#[repr(C)]
struct Sink { imp: *mut c_void, put: extern "C" fn(*mut Sink, Bytes) -> i32 }
#[repr(C)]
struct Source { imp: *mut c_void, read: extern "C" fn(*mut Source, *mut u8, usize) -> i64 }
#[repr(C)]
struct Write { size: u32, attempt: u32, correlation: Bytes, external_id: Bytes, body: Bytes, content: *mut Source }
#[repr(C)]
struct Host {
    abi_major: u32,
    abi_minor: u32,
    imp: *mut c_void,
    extension: extern "C" fn(*const Host, *const c_char) -> *const c_void,
}
#[repr(C)]
struct Http { send: extern "C" fn(*const Host, *const Call, Bytes, *mut Source, *mut Sink) -> i32 }
#[repr(C)]
struct Connector {
    imp: *mut c_void,
    destroy: extern "C" fn(*mut Connector),
    extension: extern "C" fn(*const Connector, *const c_char) -> *const c_void,
}
#[repr(C)]
struct Descriptor {
    id: *const u8,
    version: *const u8,
    config_schema: *const u8,
    capabilities: *const *const u8,
    lookup_lag_ms: i64,
}
type Slot = extern "C" fn(*mut Connector, *const Call, *const Write, *mut Sink) -> i32;
#[repr(C)]
struct Outbound {
    put_ticket: Slot,
    add_comment: Slot,
    add_attachment: Slot,
    find: extern "C" fn(*mut Connector, *const Call, *const c_char, *const Write, *mut Sink) -> i32,
}
#[repr(C)]
struct Health { check: extern "C" fn(*mut Connector, *const Call) -> i32 }
#[repr(C)]
pub struct Entry {
    abi_major: u32,
    abi_minor: u32,
    descriptor: *const Descriptor,
    create: extern "C" fn(*const Host, Bytes, *const Call) -> *mut Connector,
}
unsafe impl Sync for Entry {}
unsafe impl Sync for Descriptor {}
struct Names([*const u8; 1]);
unsafe impl Sync for Names {}

impl Bytes {
    fn of(text: &[u8]) -> Bytes { Bytes { data: text.as_ptr(), size: text.len() } }
    fn get(&self) -> &[u8] {
        if self.data.is_null() { &[] } else { unsafe { std::slice::from_raw_parts(self.data, self.size) } }
    }
}

// ---- the desk -----------------------------------------------------------------------------------

struct Desk { host: *const Host, http: *const Http, url: String }

struct Failed { status: i32, why: &'static str, code: i32, retry_after_ms: i64 }
fn failed(status: i32, why: &'static str) -> Failed { Failed { status, why, code: 0, retry_after_ms: -1 } }

// Nothing unwinds across the boundary; what went wrong is told once.
fn outcome(call: *const Call, escaped: i32, work: impl FnOnce() -> Result<(), Failed>) -> i32 {
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(failed(escaped, "The connector panicked.")));
    let Err(what) = result else { return OK };
    let error = Error {
        size: std::mem::size_of::<Error>() as u32,
        supplier_code: what.code,
        retry_after_ms: what.retry_after_ms,
        message: Bytes::of(what.why.as_bytes()),
    };
    unsafe { ((*call).fail)(call, &error) };
    what.status
}

#[derive(Default)]
struct Answer { puts: usize, head: Vec<u8>, body: Vec<u8> }
extern "C" fn take(sink: *mut Sink, piece: Bytes) -> i32 {
    let answer = unsafe { &mut *((*sink).imp as *mut Answer) };
    answer.puts += 1;
    if answer.puts == 1 { answer.head.extend_from_slice(piece.get()) } else { answer.body.extend_from_slice(piece.get()) }
    0
}
extern "C" fn read(source: *mut Source, to: *mut u8, room: usize) -> i64 {
    let left = unsafe { &mut *((*source).imp as *mut &[u8]) };
    let count = left.len().min(room);
    unsafe { std::ptr::copy_nonoverlapping(left.as_ptr(), to, count) };
    *left = &left[count..];
    count as i64
}

impl Desk {
    // One exchange: the body of a success, or what it means that there is none.
    fn send(&self, call: *const Call, method: &str, target: &str, body: &[u8]) -> Result<Vec<u8>, Failed> {
        let unknown = if method == "GET" { RETRY } else { AMBIGUOUS };
        if unsafe { ((*call).cancelled)(call) } != 0 { return Err(failed(CANCELLED, "Stopped as asked.")) }
        if self.http.is_null() { return Err(failed(RETRY, "This host has no HTTP.")) }
        let request = format!(
            "{{\"method\":\"{method}\",\"url\":\"{}{target}\",\"headers\":{{\"Content-Type\":\"application/json\"}}}}",
            self.url
        );
        let mut answer = Answer::default();
        let mut sink = Sink { imp: &mut answer as *mut Answer as *mut c_void, put: take };
        let mut left = body;
        let mut source = Source { imp: &mut left as *mut &[u8] as *mut c_void, read };
        let content = if body.is_empty() { std::ptr::null_mut() } else { &mut source as *mut Source };
        match unsafe { ((*self.http).send)(self.host, call, Bytes::of(request.as_bytes()), content, &mut sink) } {
            OK => {}
            AMBIGUOUS => return Err(failed(unknown, "The desk's answer was lost.")),
            status => return Err(failed(status, "The desk could not be reached.")),
        }
        let head = String::from_utf8_lossy(&answer.head).to_lowercase();
        let code = head.split(' ').nth(1).and_then(|word| word.trim().parse().ok()).unwrap_or(0);
        let wait = head.lines().find_map(|line| line.strip_prefix("retry-after: ")?.trim().parse::<i64>().ok());
        let refused = |status, why| Err(Failed { status, why, code, retry_after_ms: -1 });
        match code {
            200..=299 => Ok(answer.body),
            401 | 403 => refused(AUTH, "The desk does not let us in."),
            429 => Err(Failed {
                status: RATE_LIMITED,
                why: "The desk asks to wait.",
                code,
                retry_after_ms: wait.filter(|seconds| (0..100_000).contains(seconds)).map_or(-1, |seconds| seconds * 1000),
            }),
            300..=499 => refused(PERMANENT, "The desk refused."),
            _ => refused(unknown, "The desk failed."),
        }
    }

    fn write(&self, call: *const Call, method: &str, target: &str, body: &[u8], reply: *mut Sink) -> Result<(), Failed> {
        let ids = ids_of(&self.send(call, method, target, body)?);
        let Some([id]) = ids.as_deref() else { return Err(failed(AMBIGUOUS, "The desk did not say an id.")) };
        push(reply, id);
        Ok(())
    }
}

fn ids_of(body: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(body).ok()?;
    if !text.is_empty() && !text.ends_with('\n') { return None }
    text.lines().map(|line| is_number(line.as_bytes()).then(|| line.to_string())).collect()
}
fn push(sink: *mut Sink, id: &str) {
    let document = format!("{{\"external_id\":\"{id}\"}}");
    unsafe { ((*sink).put)(sink, Bytes::of(document.as_bytes())) };
}
fn is_number(id: &[u8]) -> bool { !id.is_empty() && id.len() <= 18 && id.iter().all(u8::is_ascii_digit) }
fn is_plain(word: &[u8]) -> bool { !word.is_empty() && word.len() <= 64 && word.iter().all(u8::is_ascii_alphanumeric) }
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> { String::from_utf8_lossy(bytes) }

const NO_TICKET: &str = "The desk has no such ticket, or no such thing.";
fn tickets(correlation: &[u8]) -> Result<String, Failed> {
    if is_plain(correlation) { Ok(format!("/tickets?ref={}", text(correlation))) } else { Err(failed(PERMANENT, NO_TICKET)) }
}
fn comments(w: &Write) -> Result<String, Failed> {
    let (id, correlation) = (w.external_id.get(), w.correlation.get());
    if !is_number(id) || !is_plain(correlation) { return Err(failed(PERMANENT, NO_TICKET)) }
    Ok(format!("/tickets/{}/comments?ref={}", text(id), text(correlation)))
}

fn desk<'a>(connector: *const Connector) -> &'a Desk { unsafe { &(*((*connector).imp as *const Instance)).desk } }

extern "C" fn put_ticket(c: *mut Connector, call: *const Call, w: *const Write, reply: *mut Sink) -> i32 {
    outcome(call, AMBIGUOUS, || {
        let w = unsafe { &*w };
        let id = w.external_id.get();
        if id.is_empty() { return desk(c).write(call, "POST", &tickets(w.correlation.get())?, w.body.get(), reply) }
        if !is_number(id) { return Err(failed(PERMANENT, NO_TICKET)) }
        desk(c).write(call, "PUT", &format!("/tickets/{}", text(id)), w.body.get(), reply)
    })
}
extern "C" fn add_comment(c: *mut Connector, call: *const Call, w: *const Write, reply: *mut Sink) -> i32 {
    outcome(call, AMBIGUOUS, || {
        let w = unsafe { &*w };
        desk(c).write(call, "POST", &comments(w)?, w.body.get(), reply)
    })
}
extern "C" fn add_attachment(_: *mut Connector, call: *const Call, _: *const Write, _: *mut Sink) -> i32 {
    outcome(call, AMBIGUOUS, || Err(failed(PERMANENT, "This desk takes no attachments.")))
}
extern "C" fn find(c: *mut Connector, call: *const Call, kind: *const c_char, w: *const Write, sink: *mut Sink) -> i32 {
    outcome(call, RETRY, || {
        let w = unsafe { &*w };
        let target = match unsafe { CStr::from_ptr(kind) }.to_bytes() {
            b"ticket" => tickets(w.correlation.get())?,
            b"comment" => comments(w)?,
            _ => return Err(failed(PERMANENT, NO_TICKET)),
        };
        let body = desk(c).send(call, "GET", &target, &[])?;
        // The desk ends its list with a dot: an answer without it is none.
        let ids = body.strip_suffix(b".").and_then(ids_of).ok_or(failed(RETRY, "What answers is not the desk."))?;
        ids.iter().for_each(|id| push(sink, id));
        Ok(())
    })
}
extern "C" fn check(c: *mut Connector, call: *const Call) -> i32 {
    outcome(call, RETRY, || desk(c).send(call, "GET", "/me", &[]).map(|_| ()))
}

// ---- life ---------------------------------------------------------------------------------------

#[repr(C)]
struct Instance { base: Connector, desk: Desk }

static OUTBOUND: Outbound = Outbound { put_ticket, add_comment, add_attachment, find };
static HEALTH: Health = Health { check };
extern "C" fn extension(_: *const Connector, id: *const c_char) -> *const c_void {
    match unsafe { CStr::from_ptr(id) }.to_bytes() {
        b"ombud.outbound/1" => &OUTBOUND as *const Outbound as *const c_void,
        b"ombud.health/1" => &HEALTH as *const Health as *const c_void,
        _ => std::ptr::null(),
    }
}
extern "C" fn destroy(connector: *mut Connector) { drop(unsafe { Box::from_raw((*connector).imp as *mut Instance) }) }

// The text of "url": settings are flat and checked by the schema before they come here.
fn url_of(config: &[u8]) -> Option<String> {
    let config = std::str::from_utf8(config).ok()?;
    let start = config.starts_with('{').then(|| config.find("\"url\":\"http"))?? + 7;
    let url = config.ends_with('}').then(|| config[start..].split('"').next())??;
    (!url.contains('\\') && url.len() < 512).then(|| url.to_string())
}

extern "C" fn create(host: *const Host, config: Bytes, call: *const Call) -> *mut Connector {
    let mut made: *mut Connector = std::ptr::null_mut();
    outcome(call, PERMANENT, || {
        let url = url_of(config.get()).ok_or(failed(PERMANENT, "settings.url must be the desk's address."))?;
        let http = unsafe { ((*host).extension)(host, b"ombud.http/1\0".as_ptr() as *const c_char) } as *const Http;
        let base = Connector { imp: std::ptr::null_mut(), destroy, extension };
        let instance = Box::into_raw(Box::new(Instance { base, desk: Desk { host, http, url } }));
        unsafe { (*instance).base.imp = instance as *mut c_void };
        made = instance as *mut Connector; // `base` is its first member
        Ok(())
    });
    made
}

static CAPABILITIES: Names = Names([std::ptr::null()]);
static DESCRIPTOR: Descriptor = Descriptor {
    id: b"com.example.plain-desk\0".as_ptr(),
    version: b"1.0.0\0".as_ptr(),
    config_schema: concat!(include_str!("schema.json"), "\0").as_ptr(),
    capabilities: CAPABILITIES.0.as_ptr(),
    lookup_lag_ms: 0,
};
#[no_mangle]
#[allow(non_upper_case_globals)]
pub static ombud_connector_entry: Entry = Entry { abi_major: 1, abi_minor: 0, descriptor: &DESCRIPTOR, create };
