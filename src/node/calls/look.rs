//! Looking: at every port of the process, and what JavaScript notes for those who look.

use std::ptr;
use std::time::Duration;

use napi::sys;

use crate::node::buffers::SharedBuffer;
use crate::node::js::{self, check, Kind};
use crate::node::process;
use crate::sys as system;

/// So many keys have room for a note at first.
const NOTES: usize = 256;

calls! {
    fn report as "report" (env) {
        js::from_str(env.raw, &process::report())
    }

    fn ask as "ask" (env, pid, milliseconds) {
        let patience = Duration::from_millis(js::uint(env.raw, milliseconds).into());
        match system::ask(js::int(env.raw, pid), patience) {
            Ok(report) => js::from_str(env.raw, &report),
            Err(unanswered) => Err(js::throw(env.raw, Kind::Error, unanswered.code(), &unanswered.to_string())),
        }
    }

    fn room_for_notes as "roomForNotes" (env, key) {
        let length = (js::uint(env.raw, key) as usize + 1).next_power_of_two().max(NOTES);
        let (more, value) = SharedBuffer::create(env.raw, length)?;
        let before = env.notes.all();
        more.bytes_mut()[..before.len()].copy_from_slice(before);
        // SAFETY: the environment keeps the buffer until it takes another, below, or ends, which clears the roster.
        unsafe { env.roster.lend(more.bytes(length).as_ptr(), length) };
        env.notes.replace(env.raw, more);
        let mut view = ptr::null_mut();
        let uint8 = sys::TypedarrayType::uint8_array;
        // SAFETY: the view covers the buffer just made.
        check(unsafe { sys::napi_create_typedarray(env.raw, uint8, length, value, 0, &mut view) })?;
        Ok(view)
    }

    fn numbers as "numbers" (env, key) {
        // A port that has just ended is in the table no more.
        let numbers = env.ports().get(js::uint(env.raw, key)).map(|port| port.end.handle().numbers());
        let (id, channel) = numbers.unwrap_or(env.ended.get());
        let channel = js::from_str(env.raw, &format!("{channel:016x}"));
        js::array(env.raw, [js::from_number(env.raw, id as f64), channel].into_iter())
    }

    fn note_stack as "noteStack" (env, key, stack) {
        if let (Some(port), Some(text)) = (env.ports().get(js::uint(env.raw, key)), js::text(env.raw, stack)) {
            port.end.handle().note_stack(&text);
        }
        Ok(ptr::null_mut())
    }
}
