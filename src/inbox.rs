//! A queue of messages inside the process: frames as on the wire, with the parts beside them instead of in a tail.

use std::collections::VecDeque;

use crate::wire::body::{Body, Bytes};
use crate::wire::frame::{self, Header, Queued, HEADER};
use crate::wire::log::ByteLog;

/// In the place of the tail, which nothing has in here: the body lies apart.
const APART: usize = 8;

/// Invariant: the frames' part counts, in order, partition `parts`; and `apart` has the bodies of the frames that say so.
#[derive(Debug)]
pub struct Inbox<P> {
    frames: ByteLog,
    /// Bodies too large to be copied while somebody waits.
    apart: VecDeque<Bytes>,
    parts: VecDeque<P>,
    /// Bytes that are not in the frames.
    beside: usize,
}

impl<P> Default for Inbox<P> {
    fn default() -> Self {
        Inbox { frames: ByteLog::default(), apart: VecDeque::new(), parts: VecDeque::new(), beside: 0 }
    }
}

/// What a part adds to the weight of its queue.
pub trait Weigh {
    fn weight(&self) -> usize;
}

impl<P> Inbox<P> {
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes queued, the memory that travels with the messages included.
    pub fn weight(&self) -> usize {
        self.frames.len().saturating_add(self.beside)
    }

    /// Appends a message. A body that is owned is kept where it is, and never part of a [`plain`](Self::plain) run; one
    /// that is borrowed is copied.
    pub fn push(&mut self, body: Body<'_>, parts: Vec<P>)
    where
        P: Weigh,
    {
        let tail = if matches!(body, Body::Owned(_)) { APART } else { 0 };
        let header = Header::Message { body: body.len(), parts: parts.len(), tail };
        self.frames.push(&header.to_bytes());
        match body {
            Body::Borrowed(body) => frame::push_padded(&mut self.frames, body),
            Body::Owned(body) => {
                self.beside += body.len();
                self.apart.push_back(body);
            }
        }
        self.beside += parts.iter().map(Weigh::weight).sum::<usize>();
        self.parts.extend(parts);
    }

    /// Appends whole frames of messages without parts.
    pub fn push_run(&mut self, frames: &[u8]) {
        self.frames.push(frames);
    }

    /// The longest run of messages without parts at the front; see [`frame::plain_run`].
    pub fn plain(&self, most: usize, most_single: usize) -> &[u8] {
        let bytes = self.frames.as_slice();
        &bytes[..frame::plain_run(bytes, most, most_single)]
    }

    /// Drops `bytes` of delivered messages without parts.
    pub fn consume_plain(&mut self, bytes: usize) {
        self.frames.consume(bytes);
    }

    /// The parts of the message at the front.
    pub fn first_parts(&self) -> Option<impl Iterator<Item = &P>> {
        let Queued { parts, .. } = frame::queued(self.frames.as_slice())?;
        Some(self.parts.iter().take(parts))
    }

    /// What the messages behind the first weigh, and their parts.
    pub fn behind_first(&self) -> (usize, impl Iterator<Item = &P>)
    where
        P: Weigh,
    {
        let first = frame::queued(self.frames.as_slice());
        let count = first.as_ref().map_or(0, |first| first.parts);
        let body = first
            .map_or(0, |Queued { body, tail, .. }| HEADER + if tail == APART { body } else { frame::padded(body) });
        let parts: usize = self.parts.iter().take(count).map(Weigh::weight).sum();
        (self.weight() - body - parts, self.parts.iter().skip(count))
    }

    /// Takes the message at the front; `take` gets the body, in place or as it was pushed, and the parts.
    pub fn pop<T>(&mut self, take: impl FnOnce(Body<'_>, Vec<P>) -> T) -> Option<T>
    where
        P: Weigh,
    {
        let Queued { body, parts, tail } = frame::queued(self.frames.as_slice())?;
        let parts: Vec<P> = self.parts.drain(..parts).collect();
        self.beside -= parts.iter().map(Weigh::weight).sum::<usize>();
        if tail == APART {
            let body = self.apart.pop_front().unwrap_or_else(|| Vec::new().into());
            self.beside -= body.len();
            self.frames.consume(HEADER);
            return Some(take(Body::Owned(body), parts));
        }
        let taken = take(Body::Borrowed(&self.frames.as_slice()[HEADER..HEADER + body]), parts);
        self.frames.consume(HEADER + frame::padded(body));
        Some(taken)
    }

    /// The parts of all queued messages.
    pub fn parts(&self) -> impl Iterator<Item = &P> {
        self.parts.iter()
    }

    /// The queue with its parts turned into something else.
    pub fn map_parts<Q>(self, map: impl FnMut(P) -> Q) -> Inbox<Q> {
        let Inbox { frames, apart, parts, beside } = self;
        Inbox { frames, apart, parts: parts.into_iter().map(map).collect(), beside }
    }

    pub fn into_parts(self) -> VecDeque<P> {
        self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A part that weighs what it says.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Stone(usize);

    impl Weigh for Stone {
        fn weight(&self) -> usize {
            self.0
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Plain(Vec<u8>),
        Parts(Vec<u8>, Vec<usize>),
        Apart(Vec<u8>, Vec<usize>),
        Run { most: usize, most_single: usize, keep: prop::sample::Index },
        Pop,
    }

    fn step() -> impl Strategy<Value = Step> {
        let body = || prop::collection::vec(any::<u8>(), 0..40);
        prop_oneof![
            body().prop_map(Step::Plain),
            (body(), prop::collection::vec(0usize..100, 1..4)).prop_map(|(body, parts)| Step::Parts(body, parts)),
            (body(), prop::collection::vec(0usize..100, 0..4)).prop_map(|(body, parts)| Step::Apart(body, parts)),
            (0usize..200, 0usize..200, any::<prop::sample::Index>()).prop_map(|(most, most_single, keep)| Step::Run {
                most,
                most_single,
                keep
            }),
            Just(Step::Pop),
        ]
    }

    /// A message of the model: its body, whether that lies apart, and its parts.
    type Model = VecDeque<(Vec<u8>, bool, Vec<Stone>)>;

    fn seen(body: Body<'_>, parts: Vec<Stone>) -> (Vec<u8>, bool, Vec<Stone>) {
        let apart = matches!(body, Body::Owned(_));
        (body.to_vec(), apart, parts)
    }

    fn framed(body: &[u8]) -> Vec<u8> {
        let mut log = ByteLog::default();
        frame::push_plain(&mut log, body);
        log.as_slice().to_vec()
    }

    fn weight(model: &Model) -> usize {
        let weigh = |(body, apart, parts): &(Vec<u8>, bool, Vec<Stone>)| {
            let body = if *apart { body.len() } else { frame::padded(body.len()) };
            HEADER + body + parts.iter().map(|stone| stone.0).sum::<usize>()
        };
        model.iter().map(weigh).sum()
    }

    proptest! {
        #[test]
        fn messages_come_out_in_order_with_their_own_parts(steps in prop::collection::vec(step(), 0..60)) {
            let (mut inbox, mut model) = (Inbox::default(), Model::new());
            for step in steps {
                match step {
                    Step::Plain(body) => {
                        inbox.push(Body::Borrowed(&body), vec![]);
                        model.push_back((body, false, vec![]));
                    }
                    Step::Parts(body, parts) => {
                        let parts: Vec<Stone> = parts.into_iter().map(Stone).collect();
                        inbox.push(Body::Borrowed(&body), parts.clone());
                        model.push_back((body, false, parts));
                    }
                    Step::Apart(body, parts) => {
                        let parts: Vec<Stone> = parts.into_iter().map(Stone).collect();
                        inbox.push(Body::Owned(body.clone().into()), parts.clone());
                        model.push_back((body, true, parts));
                    }
                    Step::Run { most, most_single, keep } => {
                        let run = inbox.plain(most, most_single).to_vec();
                        let mut expected = Vec::new();
                        let mut ends = vec![0];
                        for (body, ..) in model.iter().take_while(|(_, apart, parts)| !apart && parts.is_empty()) {
                            let frame = framed(body);
                            let next = expected.len() + frame.len();
                            if next > most && !(expected.is_empty() && next <= most_single) {
                                break;
                            }
                            expected.extend(frame);
                            ends.push(expected.len());
                        }
                        prop_assert_eq!(run, expected);
                        // Only some of the run gets delivered.
                        let delivered = keep.index(ends.len());
                        inbox.consume_plain(ends[delivered]);
                        model.drain(..delivered);
                    }
                    Step::Pop => {
                        let front: Option<Vec<Stone>> = inbox.first_parts().map(|parts| parts.cloned().collect());
                        prop_assert_eq!(front.as_ref(), model.front().map(|(.., parts)| parts));
                        prop_assert_eq!(inbox.pop(seen), model.pop_front());
                    }
                }
                prop_assert_eq!(inbox.is_empty(), model.is_empty());
                prop_assert_eq!(inbox.weight(), weight(&model));
                let behind: VecDeque<_> = model.iter().skip(1).cloned().collect();
                let (weight_behind, parts_behind) = inbox.behind_first();
                prop_assert_eq!(weight_behind, weight(&behind));
                prop_assert!(parts_behind.eq(behind.iter().flat_map(|(.., parts)| parts)));
                prop_assert!(inbox.parts().eq(model.iter().flat_map(|(.., parts)| parts)));
            }
            let mut mapped = inbox.map_parts(|stone| Stone(stone.0));
            while let Some(message) = mapped.pop(seen) {
                prop_assert_eq!(Some(message), model.pop_front());
            }
            prop_assert!(model.is_empty());
            prop_assert_eq!(mapped.weight(), 0);
        }
    }
}
