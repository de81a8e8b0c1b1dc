//! How much of a thread's stack V8 uses. A flag says the same, but with a flag of V8's nothing that was compiled before is used, of
//! Node's own modules neither: a start takes a third longer.

use super::functions::Stacks;

/// Gives this thread so many bytes of stack from here on; 0 changes nothing. Whether the engine lets us.
pub fn set_stack(bytes: usize) -> bool {
    let Some(stacks) = Stacks::find() else { return false };
    let here = &stacks as *const Stacks as usize;
    if bytes > 0 && bytes < here {
        // SAFETY: within a call from JS the thread has an isolate, and this is its own stack.
        unsafe { (stacks.set_limit)((stacks.isolate)(), here - bytes) };
    }
    true
}
