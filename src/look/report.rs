//! What is said of every port of the process, as JSON: `PortReport` in index.d.ts has its words.

use std::collections::{HashSet, VecDeque};
use std::fmt::Write;

use super::roster::{Listed, Roster};
use crate::channel::{Handle, Place, Sight};
use crate::sync::Arc;

/// The faces, by the low bits of a note.
const FACES: [Option<&str>; 8] = [
    None,
    Some("MessagePortMain"),
    Some("MessagePort"),
    Some("parentPort"),
    Some("Worker"),
    Some("UtilityProcess"),
    Some("ipcRenderer"),
    Some("WebContents"),
];

/// The other bits: lib/port/notes.js writes them.
const LISTENING: u8 = 8;
const EXPECTING_CLOSE: u8 = 16;
const REFERENCED: u8 = 32;
const FULL: u8 = 64;
const YOUNG: u8 = 128;

/// What has a port.
#[derive(Debug, Clone, Copy)]
enum Owner {
    Thread(u32, u8),
    /// A message that waits in the port of this number.
    Message(u64),
    /// The way from one thread to another.
    Road,
}

impl Owner {
    fn note(self) -> u8 {
        match self {
            Owner::Thread(_, note) => note,
            Owner::Message(_) | Owner::Road => 0,
        }
    }

    fn holders(self, started: bool) -> Vec<&'static str> {
        let note = self.note();
        let reasons = [
            (started && note & LISTENING != 0, "message listener"),
            (note & EXPECTING_CLOSE != 0, "close listener"),
            (note & FULL != 0, "drain"),
            (note & YOUNG != 0, "this tick"),
            (matches!(self, Owner::Message(_)), "message"),
            (matches!(self, Owner::Road), "parked"),
        ];
        reasons.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason).collect()
    }
}

/// Where a peer is, in words.
pub fn name_of(place: Place) -> &'static str {
    match place {
        Place::Gone => "gone",
        Place::Here => "this thread",
        Place::OtherThread => "another thread",
        Place::Queued => "in transit",
        Place::OtherProcess => "behind a socket",
    }
}

/// Every open port of these rosters, those of `parked`, and those in the messages that wait in any of them.
pub fn report(rosters: &[Arc<Roster>], parked: Vec<Handle>) -> String {
    let mut waiting: VecDeque<(Handle, Owner)> = VecDeque::new();
    for roster in rosters {
        let owned = |Listed { port, note }| (port, Owner::Thread(roster.thread, note));
        waiting.extend(roster.list().into_iter().map(owned));
    }
    waiting.extend(parked.into_iter().map(|port| (port, Owner::Road)));
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    // A work list: ports may wait in ports that wait in ports.
    while let Some((port, owner)) = waiting.pop_front() {
        // One that moves meanwhile may be met twice.
        let Some(sight) = port.sight().filter(|sight| seen.insert(sight.id)) else {
            continue;
        };
        waiting.extend(port.contents().into_iter().map(|inner| (inner, Owner::Message(sight.id))));
        found.push((sight, owner));
    }
    found.sort_by_key(|(sight, _)| sight.id);
    let mut text = format!("{{\"pid\":{},\"ports\":[", std::process::id());
    for (index, (sight, owner)) in found.iter().enumerate() {
        text.push_str(if index == 0 { "" } else { "," });
        write_port(&mut text, sight, *owner);
    }
    text.push_str("]}");
    text
}

fn write_port(text: &mut String, sight: &Sight, owner: Owner) {
    let note = owner.note();
    let has_ref = sight.started && note & LISTENING != 0 && note & REFERENCED != 0;
    let (thread, inside) = match owner {
        Owner::Thread(thread, _) => (Some(u64::from(thread)), None),
        Owner::Message(inside) => (None, Some(inside)),
        Owner::Road => (None, None),
    };
    let Sight { id, channel, peer, place, queued, buffered, started, stack } = sight;
    // Writing to a String cannot fail.
    let _ = write!(text, "{{\"id\":{id},\"channel\":\"{channel:016x}\",\"face\":");
    write_text(text, FACES[usize::from(note & 7)]);
    let _ = write!(text, ",\"thread\":{},\"inside\":{}", or_null(thread), or_null(inside));
    let _ = write!(text, ",\"peer\":\"{}\",\"peerId\":{}", name_of(*place), or_null(*peer));
    let _ = write!(text, ",\"queued\":{queued},\"buffered\":{buffered},\"started\":{started},\"hasRef\":{has_ref}");
    let _ = write!(text, ",\"heldBy\":{:?}", owner.holders(*started));
    if stack.is_some() {
        text.push_str(",\"stack\":");
        write_text(text, stack.as_deref());
    }
    text.push('}');
}

fn or_null(number: Option<u64>) -> String {
    number.map_or_else(|| "null".into(), |number| number.to_string())
}

fn write_text(out: &mut String, text: Option<&str>) {
    let Some(text) = text else {
        return out.push_str("null");
    };
    out.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{End, Part};
    use crate::hub::Hub;
    use crate::parcel;
    use std::sync::Mutex;

    /// Notes that rosters look at.
    static LENT: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

    fn seated(ports: &[(&End, u8)]) -> Arc<Roster> {
        let roster = Arc::new(Roster::new(3));
        let notes: Vec<u8> = ports.iter().map(|(_, note)| *note).collect();
        let lent = notes.as_ptr();
        LENT.lock().unwrap().push(notes);
        ports.iter().enumerate().for_each(|(key, (end, _))| roster.enter(key as u32, end.handle().clone()));
        // SAFETY: they stay where they are until the program ends.
        unsafe { roster.lend(lent, ports.len()) };
        roster
    }

    #[test]
    fn a_port_is_told_with_its_peer_its_bytes_and_its_holders() {
        let (a, b) = Hub::default().channel();
        a.post(&[0; 8], false).expect("small enough");
        b.start(true);
        b.handle().note_stack("at \"here\"\n\tor \\ there");
        b.handle().note_stack("and not at this one");
        let text = report(&[seated(&[(&b, 2 | LISTENING | REFERENCED | FULL)])], vec![a.handle().clone()]);
        let (id, channel) = a.handle().numbers();
        let pid = std::process::id();
        assert_eq!(
            text,
            format!(
                "{{\"pid\":{pid},\"ports\":[\
                 {{\"id\":{id},\"channel\":\"{channel:016x}\",\"face\":null,\"thread\":null,\"inside\":null,\
                 \"peer\":\"in transit\",\"peerId\":{},\"queued\":0,\"buffered\":24,\"started\":false,\"hasRef\":false,\
                 \"heldBy\":[\"parked\"]}},\
                 {{\"id\":{},\"channel\":\"{channel:016x}\",\"face\":\"MessagePort\",\
                 \"thread\":3,\"inside\":null,\"peer\":\"in transit\",\"peerId\":{id},\"queued\":24,\"buffered\":0,\
                 \"started\":true,\"hasRef\":true,\"heldBy\":[\"message listener\", \"drain\"],\
                 \"stack\":\"at \\\"here\\\"\\n\\u0009or \\\\ there\"}}]}}",
                id + 1,
                id + 1,
            )
        );
    }

    #[test]
    fn ports_in_messages_in_ports_are_found_and_closed_ones_are_not() {
        let hub = Hub::default();
        let ((a, b), (c, d), (e, f), (g, h)) = (hub.channel(), hub.channel(), hub.channel(), hub.channel());
        let (b_id, d_id, f_id) = (b.handle().numbers().0, d.handle().numbers().0, f.handle().numbers().0);
        let post = |target: &End, port: End| {
            let handle = port.handle().clone();
            parcel::post(target.handle(), &[], vec![handle], 0, 0, || vec![Part::Port(port)]).expect("a post");
        };
        post(&c, f);
        post(&a, d);
        let roster = seated(&[(&a, 1), (&b, 1), (&c, 1), (&e, 1), (&g, 1)]);
        drop((g, h));
        let text = report(&[roster.clone(), roster], vec![]);
        assert_eq!(text.matches("\"id\"").count(), 6, "{text}");
        assert!(text.contains(&format!("\"id\":{d_id},")) && text.contains(&format!("\"inside\":{b_id},")), "{text}");
        assert!(text.contains(&format!("\"id\":{f_id},")) && text.contains(&format!("\"inside\":{d_id},")), "{text}");
        assert!(!text.contains("\"peer\":\"gone\""), "{text}");
    }
}
