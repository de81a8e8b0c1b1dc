//! The local side: the peer is in this process, and all there is between the two is an inbox for each.

use super::link::Link;
use super::pair::{Side, Wake};
use super::{Handle, Part, Posted};
use crate::inbox::Inbox;
use crate::wire::body::Body;

/// Posts to a peer in this process: `push` appends the message to its inbox. It is not called for a peer that is gone:
/// nobody would ever see it. Only what is there is announced: who was told of nothing would not be told again of something.
pub(super) fn post(side: &mut Side, peer: &mut Side, push: impl FnOnce(&mut Inbox<Part>)) -> (Posted, Wake) {
    let Link::Local(inbox) = &mut peer.link else {
        return (Posted::default(), Wake::nobody());
    };
    let before = inbox.weight();
    push(inbox);
    let weight = inbox.weight();
    let wake = peer.announce_if(weight > before && peer.is_started());
    (side.posted(weight), wake)
}

/// Tells the peer, if it is in this process, how much of its backlog this end has left.
pub(super) fn tell_poster(side: &Side, peer: &mut Side) -> Wake {
    match &side.link {
        Link::Local(inbox) => peer.receded(inbox.weight()),
        _ => Wake::nobody(),
    }
}

impl Handle {
    /// Posts a message with parts, unless the peer is behind a socket: then it gives the message back.
    pub(crate) fn post_local<'a>(&self, body: Body<'a>, parts: Vec<Part>) -> Result<Posted, (Body<'a>, Vec<Part>)> {
        let mut message = Some((body, parts));
        let posted = self.with(|side, peer| {
            if let Link::Far(_) = side.link {
                return (None, Wake::nobody());
            }
            let (posted, wake) = post(side, peer, |inbox| {
                if let Some((body, parts)) = message.take() {
                    inbox.push(body, parts);
                }
            });
            (Some(posted), wake)
        });
        match (posted, message) {
            (None, Some(message)) => Err(message),
            // What is left was posted to nobody, and closes here, after the lock.
            (posted, _) => Ok(posted.unwrap_or_default()),
        }
    }
}
