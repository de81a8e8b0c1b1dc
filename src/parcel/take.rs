//! What arrives: messages whose parts came over a socket, and ends that came as bare descriptors.

use crate::channel::{Channel, End, Handle, Part, Queued, Shared};
use crate::error::Fault;
use crate::limits::INBOX_BYTES;
use crate::message::{Handed, Message};
use crate::slab::{Bytes, Lent};
use crate::sync::Arc;
use crate::sys::{self, Descriptor, Socket};
use crate::wire::decoder::Decoder;
use crate::wire::outbox::Outbox;
use crate::wire::tail::{self, Item};
use crate::wire::Malformed;

/// Takes the next message of a port, whatever it carries. `keep` copies memory that came over a socket to where it is
/// to stay, or keeps what it lies in. No lock is held while it does.
pub fn take(handle: &Handle, keep: impl Fn(Lent<'_>) -> Part) -> Result<Option<Message<End>>, Fault> {
    match handle.take_queued() {
        Queued::Message(message) => {
            let parts = message.iter().flat_map(|message| &message.parts);
            parts.for_each(|part| part.port().into_iter().for_each(|end| end.handle().set_queued(false)));
            return Ok(message);
        }
        Queued::OnTheSocket => {}
    }
    let Some(mut decoder) = handle.lend_decoder() else {
        return Ok(None);
    };
    let read = decoder.take(|unit, descriptors| {
        let items = tail::read(unit.tail, unit.parts, descriptors)?;
        let keep = |bytes: &[u8]| keep(Lent::new(bytes, unit.slab));
        let parts = items.into_iter().map(|item| open(handle, item, keep)).collect::<Result<_, _>>()?;
        let body = if unit.body.len() > INBOX_BYTES { Bytes::kept(&Lent::new(unit.body, unit.slab)) } else { None };
        Ok(Message { body: body.unwrap_or_else(|| unit.body.to_vec().into()), parts })
    });
    let read = read.map_err(Fault::from);
    handle.return_decoder(decoder, read.as_ref().err().copied());
    // What has come along may be luggage with descriptors of its own.
    handle.shared().relieve();
    read
}

/// Turns what came over `carrier`'s socket into a part of a message.
fn open(carrier: &Handle, item: Item<Descriptor, &[u8]>, keep: impl Fn(&[u8]) -> Part) -> Result<Part, Malformed> {
    Ok(match item {
        Item::Memory(bytes) => keep(bytes),
        Item::ClosedPort => Part::ClosedPort,
        Item::Lost => Part::Lost,
        Item::Descriptor { kind, descriptor, .. } if !sys::is_of_kind(kind, &descriptor) => {
            return Err(Malformed::NotOfItsKind);
        }
        Item::Descriptor { kind, body, descriptor } => Part::Handed(Handed { kind, body: body.to_vec(), descriptor }),
        Item::Port(luggage) => {
            if luggage.channel == carrier.channel_id() {
                return Err(Malformed::Loop);
            }
            let socket = Socket::from_descriptor(luggage.port).map_err(|_| Malformed::NotAPort)?;
            let id = Some(luggage.channel);
            let end = Channel::arrived(carrier.shared(), id, socket, luggage.inbound, luggage.outbound);
            // Its peer waits for what its last owner could not send; the new one may never post.
            end.flush();
            Part::Port(end)
        }
    })
}

/// The end that a process inherited as a descriptor. What is no port is left alone.
pub fn from_descriptor(shared: &Arc<Shared>, descriptor: Descriptor) -> Result<End, Descriptor> {
    let socket = Socket::inherited(descriptor)?;
    Ok(Channel::arrived(shared, None, socket, Decoder::default(), Outbox::default()))
}
