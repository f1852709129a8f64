//! The register against lists that were sorted and filtered by hand, and against a slow one that cannot be wrong.

mod filtering;
mod given;
mod paging;
mod slow;
mod sorting;
