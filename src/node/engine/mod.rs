//! Memory of the engine that several threads can hold: moved and shared between them without a copy.
//!
//! Node-API can neither take the backing store out of an ArrayBuffer nor share a SharedArrayBuffer or a
//! WebAssembly.Module with another thread. V8's own functions can. They are looked up by their mangled names, which
//! spell out their signatures and the C++ library they are built with; where one is missing (another engine, another
//! platform) memory is copied, and what is shared goes by Node's own ports, in a side-car.
//!
//! Beside that, V8 is asked what JavaScript cannot ask at once: of what sort an object is, whether it is like
//! another, what is in a Map, how a string is kept, and for the copy of an error; and it is told how much stack there is.
//! What is asked for every object of every message, by functions that V8 calls itself.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod abi;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod direct;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod functions;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod objects;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod probe;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod sorts;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod stack;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod strings;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod v8;
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
#[path = "none.rs"]
mod v8;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod wrap;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod young;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use direct::sorts as direct_sorts;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use objects::{copy_of, entries_of, is_narrow, told_of};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use probe::try_with;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use sorts::{is_alike, is_like, learn, lesson, take_lesson};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use stack::set_stack;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use strings::characters_of;
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub use v8::{
    characters_of, copy_of, direct_sorts, entries_of, is_alike, is_like, is_narrow, learn, lesson, set_stack,
    take_lesson, told_of, try_with,
};
pub use v8::{is_detachable, shares, Store};
