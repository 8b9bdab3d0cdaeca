//! The allocator of the npm package's module, at a third of the default's size.

use core::alloc::Layout;
use core::arch::wasm32::{memory_grow, memory_size};

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

#[global_allocator]
static ALLOCATOR: TalcSyncCell<Pages, WasmBinning> = TalcSyncCell::new_wasm(Pages { has_begun: false });

const PAGE_BYTES: usize = 65_536;

/// What the allocator's own lists take of a page, and more.
const OVERHEAD_BYTES: usize = 64;

unsafe extern "C" {
    /// Where the stack and the statics end: the linker's.
    static __heap_base: u8;
}

/// What the linker has left of the pages that are there, then further pages. Most clients never
/// need one: each has a memory of its own, so a page less is half of it.
#[derive(Debug)]
struct Pages {
    has_begun: bool,
}

// SAFETY: gives each stretch of memory away once, and nobody else takes any.
unsafe impl Source for Pages {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let (from, bytes) = if talc.source.has_begun {
            let pages = (layout.size() + layout.align() + OVERHEAD_BYTES).div_ceil(PAGE_BYTES);
            match memory_grow::<0>(pages) {
                usize::MAX => return Err(()),
                before => (before * PAGE_BYTES, pages * PAGE_BYTES),
            }
        } else {
            talc.source.has_begun = true;
            let from = (&raw const __heap_base) as usize;
            (from, memory_size::<0>() * PAGE_BYTES - from)
        };
        // SAFETY: as above.
        unsafe { talc.claim(from as *mut u8, bytes) }.map(drop).ok_or(())
    }
}
