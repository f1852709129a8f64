//! The memory engine keeps the promises of the port.

use std::sync::Arc;

use store::{
    EventStore, MemoryStore,
    contract::{Fixture, StoppedClock},
};

struct Memory(MemoryStore);

impl Fixture for Memory {
    fn store(&self) -> Arc<dyn EventStore> {
        Arc::new(self.0.clone())
    }
}

async fn memory() -> impl Fixture {
    Memory(MemoryStore::new(Arc::new(StoppedClock)))
}

store::contract_suite!(memory);
