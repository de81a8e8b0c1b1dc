//! Memory of this process that may not be there.

use libc::{c_void, iovec, pid_t};

/// As many as one call takes.
const AT_ONCE: usize = libc::UIO_MAXIOV as usize;

/// The words at `addresses`, if they are all there: where a pointer would be the end of the process, the kernel says no.
pub fn peek(addresses: &[usize]) -> Option<Vec<usize>> {
    let mut words = vec![0; addresses.len()];
    let pid = std::process::id() as pid_t;
    for (addresses, words) in addresses.chunks(AT_ONCE).zip(words.chunks_mut(AT_ONCE)) {
        let place = |&address| iovec { iov_base: address as *mut c_void, iov_len: size_of::<usize>() };
        let remote: Vec<iovec> = addresses.iter().map(place).collect();
        let local = iovec { iov_base: words.as_mut_ptr().cast(), iov_len: size_of_val(words) };
        // SAFETY: `words` has room for what is read; the kernel checks the rest.
        let count =
            unsafe { libc::process_vm_readv(pid, &local, 1, remote.as_ptr(), remote.len() as libc::c_ulong, 0) };
        if count != size_of_val(words) as isize {
            return None;
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    #[test]
    fn what_is_there_is_read_and_what_is_not_is_not() {
        let words: Vec<usize> = (0..AT_ONCE + 5).collect();
        let places: Vec<usize> = words.iter().rev().map(|word| ptr::from_ref(word) as usize).collect();
        let found = peek(&places).unwrap_or_default();
        assert!(found.iter().eq(words.iter().rev()));
        for nowhere in [8, usize::MAX - 15] {
            assert_eq!(peek(&[nowhere]), None);
            assert_eq!(peek(&[places[0], nowhere]), None);
            assert_eq!(peek(&[nowhere, places[0]]), None);
        }
    }
}
