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

fn memory() -> impl Future<Output = impl Fixture> {
    std::future::ready(Memory(MemoryStore::new(Arc::new(StoppedClock))))
}

store::contract_suite!(memory);
store::unique_ids_contract_suite!(memory);
