//! Ports in ports in ports: nothing recurses, so nothing is too deep.

mod common;

use common::*;
use message_channel_main::channel::End;
use message_channel_main::hub::Hub;
use message_channel_main::limits::PORTS;

/// As deep as chains get that stay in the process.
const DEEP: usize = 100_000;

/// As deep as chains get that leave it: the kernel searches everything in flight for garbage before it lets a user with
/// thousands of sockets under way send another.
const DEEP_IN_KERNEL: usize = 2_000;

/// Runs a test on a stack that a recursion of `DEEP_IN_KERNEL` levels would not fit.
fn on_a_small_stack(test: fn()) {
    raise_descriptor_limit();
    std::thread::Builder::new().stack_size(128 << 10).spawn(test).unwrap().join().unwrap();
}

/// A port in whose inbox waits a message with a port in whose inbox waits ...; and the peer of the innermost.
fn chain(hub: &Hub, length: usize) -> (End, End) {
    let (mut port, innermost) = hub.channel();
    for _ in 1..length {
        let (next, peer) = hub.channel();
        post_ports(&peer, b"deeper", [port]);
        port = next;
    }
    (port, innermost)
}

/// The innermost port of a chain.
fn unwrap(mut port: End, length: usize) -> End {
    for _ in 1..length {
        port = expect_port(&port, "deeper");
    }
    port
}

#[test]
fn a_hundred_thousand_ports_inside_each_other_close_with_the_outermost() {
    on_a_small_stack(|| {
        let hub = Hub::default();
        let (outermost, innermost) = chain(&hub, DEEP);
        drop(outermost);
        expect_closed(&innermost);
    });
}

#[test]
fn a_hundred_thousand_ports_inside_each_other_close_with_the_message_that_holds_them() {
    on_a_small_stack(|| {
        let hub = Hub::default();
        let (outermost, innermost) = chain(&hub, DEEP);
        let (from, to) = hub.channel();
        post_ports(&from, b"all of them", [outermost]);
        drop(to);
        expect_closed(&innermost);
    });
}

#[test]
fn ports_inside_each_other_leave_the_process_together() {
    on_a_small_stack(|| {
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let (outermost, innermost) = chain(&here, DEEP_IN_KERNEL);
        let port = unwrap(ship(outermost, (&from, &to)), DEEP_IN_KERNEL);
        post(&innermost, "from the bottom");
        expect(&port, "from the bottom");
    });
}

#[test]
fn ports_inside_each_other_close_in_the_kernel() {
    on_a_small_stack(|| {
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let (outermost, innermost) = chain(&here, DEEP_IN_KERNEL);
        drop(ship(outermost, (&from, &to)));
        expect_closed(&innermost);
    });
}

#[test]
fn ports_in_the_luggage_of_ports_leave_the_process_together() {
    on_a_small_stack(|| {
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let (mut port, innermost) = here.channel();
        for _ in 1..PORTS {
            let (next, peer) = here.channel();
            post_ports(&peer, b"deeper", [port]);
            // Its peer is elsewhere from now on, so what it has not read is its luggage.
            drop(ship(peer, (&from, &to)));
            port = next;
        }
        let port = unwrap(ship(port, (&from, &to)), PORTS);
        post(&innermost, "from the bottom");
        expect(&port, "from the bottom");
    });
}

#[test]
fn both_ends_of_channels_inside_each_other_leave_the_process_together() {
    on_a_small_stack(|| {
        let (here, there) = (Hub::default(), Hub::default());
        let (from, to) = link(&here, &there);
        let mut ends = here.channel();
        for _ in 1..PORTS / 2 {
            let (a, b) = here.channel();
            post_ports(&a, b"deeper", [ends.0, ends.1]);
            ends = (a, b);
        }
        post_ports(&from, b"deeper", [ends.0, ends.1]);
        let mut ports = expect_ports(&to, "deeper");
        for _ in 1..PORTS / 2 {
            ports = expect_ports(&ports[1], "deeper");
        }
        post(&ports[0], "to the other end");
        expect(&ports[1], "to the other end");
    });
}
