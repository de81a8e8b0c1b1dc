//! Memory of this process that may not be there.

use libc::{c_void, iovec, pid_t};

/// The word at `address`, if there is one: where a pointer would be the end of the process, the kernel says no.
pub fn peek(address: usize) -> Option<usize> {
    let mut word = 0;
    let local = iovec { iov_base: (&raw mut word).cast(), iov_len: size_of::<usize>() };
    let remote = iovec { iov_base: address as *mut c_void, iov_len: size_of::<usize>() };
    let pid = std::process::id() as pid_t;
    // SAFETY: `word` has room for what is read; the kernel checks the rest.
    let count = unsafe { libc::process_vm_readv(pid, &local, 1, &remote, 1, 0) };
    (count == size_of::<usize>() as isize).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_read_and_what_is_not_is_not() {
        let word = 0x0123_4567_usize;
        assert_eq!(peek(&raw const word as usize), Some(word));
        assert_eq!(peek(8), None);
        assert_eq!(peek(usize::MAX - 15), None);
    }
}
