//! What a peer merely announces costs no memory: counted by the allocator, so this is a program of its own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use message_channel_main::limits::{MESSAGE_BYTES, PARTS, PORTS, READ_BYTES_LARGE, TAIL_BYTES};
use message_channel_main::wire::decoder::Decoder;
use message_channel_main::wire::frame::{Header, PART};
use message_channel_main::wire::tail;
use message_channel_main::wire::Malformed;

struct Counting;

thread_local! {
    /// Of each thread, because each test has one of its own.
    static NOW: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    NOW.set(NOW.get() + bytes);
    PEAK.set(PEAK.get().max(NOW.get()));
}

// SAFETY: the system's allocator does all the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most memory that `body` held at once beyond what there was before.
fn peak(body: impl FnOnce()) -> usize {
    let before = NOW.get();
    PEAK.set(before);
    body();
    (PEAK.get() - before) as usize
}

/// How much more than itself a hostile byte may cost.
const FACTOR: usize = 40;

#[test]
fn an_announced_giant_costs_what_has_come_of_it() {
    for header in [
        Header::Message { body: MESSAGE_BYTES, parts: 0, tail: 0 },
        Header::Message { body: 0, parts: PARTS, tail: TAIL_BYTES },
    ] {
        let cost = peak(|| {
            let mut decoder = Decoder::<u32>::default();
            decoder.bytes().push(&header.to_bytes());
            for _ in 0..100 {
                let wants = decoder.wants().expect("a header in order");
                // As a port reads it: into its place, a little at a time.
                decoder.bytes().fill(wants.min(READ_BYTES_LARGE), |place| (100.min(place.len()), ()));
            }
            assert_eq!(decoder.len(), header.to_bytes().len() + 100 * 100);
            assert!(decoder.unit().expect("nothing wrong").is_none());
        });
        assert!(cost <= 4 * READ_BYTES_LARGE, "{cost} bytes");
    }
}

#[test]
fn as_many_parts_as_a_tail_can_say_cost_in_proportion() {
    const CLOSED_PORT: u32 = 3;
    const LOST: u32 = 4;
    let parts = |tag: u32, count: usize| [tag.to_le_bytes(), [0; 4]].concat().repeat(count);
    let read =
        |tail: &[u8]| tail::read::<u32>(tail, tail.len() / PART, &mut std::iter::empty()).map(|items| items.len());
    let tail = [parts(CLOSED_PORT, PORTS), parts(LOST, PARTS - PORTS)].concat();
    let cost = peak(|| assert_eq!(read(&tail), Ok(PARTS)));
    assert!(cost <= FACTOR * tail.len(), "{cost} bytes for {}", tail.len());
    // Each port becomes an object, so there are fewer of them.
    let tail = [parts(LOST, 1), parts(CLOSED_PORT, PORTS + 1)].concat();
    assert_eq!(read(&tail), Err(Malformed::TooManyParts));
}

#[test]
fn lies_in_a_tail_cost_in_proportion() {
    // A port that claims the largest luggage there is, in a tail that has nothing of it.
    let words = [2, 0, 1, 0, u32::MAX, u32::MAX, u32::MAX, u32::MAX];
    for lie in 4..=7 {
        for small in [0, 8, 100] {
            let mut words = words.map(|word: u32| if word == u32::MAX { small } else { word });
            words[lie] = u32::MAX;
            let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            bytes.resize(bytes.len() + 300, 0);
            let cost = peak(|| drop(tail::read(&bytes, 1, &mut [1, 2, 3].into_iter())));
            assert!(cost <= FACTOR * bytes.len(), "{cost} bytes for {}", bytes.len());
        }
    }
}

#[test]
fn a_million_tiny_messages_cost_no_more_than_their_bytes() {
    let frame = Header::Message { body: 0, parts: 0, tail: 0 }.to_bytes();
    let cost = peak(|| {
        let mut decoder = Decoder::<u32>::default();
        for _ in 0..1_000_000 {
            decoder.bytes().push(&frame);
        }
        assert_eq!(decoder.plain(usize::MAX, usize::MAX).expect("plain messages").len(), 16_000_000);
    });
    assert!(cost <= 3 * 16_000_000, "{cost} bytes");
}
