//! The allocator of the npm package's module.
//!
//! The machine allocates little and in few sizes: lists that grow by doubling. So every block is
//! as large as a power of two, and one that is given back waits for the next of its size. Nothing
//! is split or joined, which is most of the code of other allocators, and what they begin with is
//! a page of their own: here it is what the linker has left of the first one, which is half the
//! memory of a client. The price: a list that has grown to its bound leaves as much behind, for
//! the next one.

// An allocator hands out addresses.
#![allow(unsafe_code)]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;

/// The smallest block in bytes, and what every block is aligned to: room for a link.
pub(crate) const LEAST: usize = 8;

/// Of how many sizes blocks are: up to 2 GiB.
const SIZES: usize = 29;

/// Where memory comes from.
///
/// # Safety
///
/// What is given is nobody else's, for ever.
pub(crate) unsafe trait Pages {
    /// Where what is there begins and ends, as addresses; the first is aligned to [`LEAST`].
    fn first(&self) -> (usize, usize);

    /// Adds so many bytes or more at the end, and gives the new end; `None` if there are no more.
    fn grow(&self, bytes: usize) -> Option<usize>;
}

/// An allocator for one thread.
#[derive(Debug)]
pub(crate) struct Blocks<P> {
    pages: P,
    state: UnsafeCell<State>,
}

#[derive(Debug)]
struct State {
    /// By size: the first of the blocks that were given back. Each holds the address of the next.
    returned: [*mut u8; SIZES],
    /// What has never been a block: from here to the end. 0 before the first one.
    next: usize,
    end: usize,
}

impl<P> Blocks<P> {
    pub(crate) const fn new(pages: P) -> Self {
        let state = State { returned: [ptr::null_mut(); SIZES], next: 0, end: 0 };
        Self { pages, state: UnsafeCell::new(state) }
    }
}

/// The number of the size that holds so many bytes: 0 for 8, 1 for 16.
fn size_for(bytes: usize) -> usize {
    (bytes.max(LEAST) - 1).ilog2() as usize - 2
}

// SAFETY: a block is given out once, or waits in one list, or has never been one and lies behind
// `next`. Nothing here calls back, so that the state is borrowed once.
unsafe impl<P: Pages> GlobalAlloc for Blocks<P> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        debug_assert!(layout.align() <= LEAST, "nothing here is aligned to more");
        // SAFETY: see above.
        let state = unsafe { &mut *self.state.get() };
        let size = size_for(layout.size());
        let Some(returned) = state.returned.get_mut(size) else { return ptr::null_mut() };
        let block = *returned;
        if !block.is_null() {
            // SAFETY: a block that waits holds the next one's address.
            *returned = unsafe { *block.cast() };
            return block;
        }
        if state.next == 0 {
            (state.next, state.end) = self.pages.first();
        }
        let (block, bytes) = (state.next, LEAST << size);
        if bytes > state.end - block {
            match self.pages.grow(bytes) {
                Some(end) => state.end = end,
                None => return ptr::null_mut(),
            }
        }
        state.next = block + bytes;
        block as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: see above.
        let state = unsafe { &mut *self.state.get() };
        if let Some(returned) = state.returned.get_mut(size_for(layout.size())) {
            // SAFETY: the block is nobody's from now on.
            unsafe { *block.cast() = *returned };
            *returned = block;
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod linear {
    use core::arch::wasm32::{memory_grow, memory_size};

    use super::{Blocks, Pages};

    #[global_allocator]
    static ALLOCATOR: Blocks<Linear> = Blocks::new(Linear);

    // SAFETY: the module is built without threads, and one thread runs each instance.
    unsafe impl Sync for Blocks<Linear> {}

    unsafe extern "C" {
        /// Where the stack and the statics end: the linker's, which aligns it to 16.
        static __heap_base: u8;
    }

    const PAGE_BYTES: usize = 65_536;

    /// The module's own memory.
    struct Linear;

    // SAFETY: there is no other allocator, and the linker gives nothing a place behind its base.
    unsafe impl Pages for Linear {
        fn first(&self) -> (usize, usize) {
            ((&raw const __heap_base) as usize, memory_size::<0>() * PAGE_BYTES)
        }

        fn grow(&self, bytes: usize) -> Option<usize> {
            let more = bytes / PAGE_BYTES + 1;
            match memory_grow::<0>(more) {
                usize::MAX => None,
                before => Some((before + more) * PAGE_BYTES),
            }
        }
    }
}
