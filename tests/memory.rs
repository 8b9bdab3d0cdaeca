//! The allocator of the npm package's module, on pages of our own.

#![cfg(not(target_arch = "wasm32"))]
#![allow(unsafe_code)]

#[path = "../src/memory.rs"]
mod memory;

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::slice;

use proptest::prelude::*;

use memory::{Blocks, LEAST, Pages};

const PAGE_BYTES: usize = 4_096;

/// Pages that lie in a row, up to a last one.
struct Row {
    words: Vec<u64>,
    pages: Cell<usize>,
}

impl Row {
    fn of(pages: usize) -> Self {
        Self { words: vec![0; pages * PAGE_BYTES / size_of::<u64>()], pages: Cell::new(1) }
    }

    fn end(&self) -> usize {
        self.words.as_ptr() as usize + self.pages.get() * PAGE_BYTES
    }
}

// SAFETY: nothing else uses the words.
unsafe impl Pages for &Row {
    fn first(&self) -> (usize, usize) {
        (self.words.as_ptr() as usize, self.end())
    }

    fn grow(&self, bytes: usize) -> Option<usize> {
        let pages = self.pages.get() + bytes.div_ceil(PAGE_BYTES);
        if pages * PAGE_BYTES > size_of_val(&*self.words) {
            return None;
        }
        self.pages.set(pages);
        Some(self.end())
    }
}

fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, LEAST).unwrap()
}

/// A block full of one byte, or nothing where there is no room.
fn filled(blocks: &Blocks<&Row>, bytes: usize, with: u8) -> Option<*mut u8> {
    // SAFETY: the size is not 0, and the block is ours.
    unsafe {
        let block = blocks.alloc(layout(bytes));
        if block.is_null() {
            return None;
        }
        block.write_bytes(with, bytes);
        Some(block)
    }
}

proptest! {
    #[test]
    fn nobody_else_writes_into_a_block(
        steps in prop::collection::vec((1..3_000_usize, any::<bool>(), any::<prop::sample::Index>()), 1..200),
    ) {
        let row = Row::of(64);
        let blocks = Blocks::new(&row);
        let mut given: Vec<(*mut u8, usize, u8)> = Vec::new();
        for (number, (bytes, gives_back, which)) in steps.into_iter().enumerate() {
            let with = number as u8;
            if gives_back && !given.is_empty() {
                let (block, bytes, with) = given.swap_remove(which.index(given.len()));
                // SAFETY: it was given out, so large, and is forgotten here.
                unsafe {
                    prop_assert!(slice::from_raw_parts(block, bytes).iter().all(|byte| *byte == with));
                    blocks.dealloc(block, layout(bytes));
                }
            } else if let Some(block) = filled(&blocks, bytes, with) {
                prop_assert_eq!(block as usize % LEAST, 0);
                given.push((block, bytes, with));
            }
        }
        for (block, bytes, with) in given {
            // SAFETY: it was given out, so large.
            let content = unsafe { slice::from_raw_parts(block, bytes) };
            prop_assert!(content.iter().all(|byte| *byte == with));
        }
    }

    #[test]
    fn what_was_given_back_is_enough_for_the_same_again(
        sizes in prop::collection::vec(1..3_000_usize, 1..30),
    ) {
        let row = Row::of(64);
        let blocks = Blocks::new(&row);
        let mut pages = None;
        for _ in 0..3 {
            let given: Vec<_> = sizes.iter().map(|bytes| filled(&blocks, *bytes, 1).unwrap()).collect();
            prop_assert_eq!(*pages.get_or_insert(row.pages.get()), row.pages.get());
            for (block, bytes) in given.into_iter().zip(&sizes) {
                // SAFETY: it was given out, so large, and is forgotten here.
                unsafe { blocks.dealloc(block, layout(*bytes)) };
            }
        }
    }
}

#[test]
fn without_more_pages_there_is_no_block_and_the_others_stay() {
    let row = Row::of(2);
    let blocks = Blocks::new(&row);
    let first = filled(&blocks, PAGE_BYTES, 7).unwrap();
    assert_eq!(filled(&blocks, 2 * PAGE_BYTES, 8), None);
    assert!(filled(&blocks, PAGE_BYTES, 9).is_some());
    // SAFETY: it was given out, so large.
    assert!(unsafe { slice::from_raw_parts(first, PAGE_BYTES) }.iter().all(|byte| *byte == 7));
}
