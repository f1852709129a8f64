//! From the acknowledgement of a registration to its row in the views and in what a node knows, while the whole server
//! runs.

use std::{sync::Arc, time::Duration};

use anyhow::ensure;
use commands::applications::Created;
use oathbook::{compose::House, server::Server};
use projections::Knowledge;
use tokio::{
    sync::{Mutex, oneshot},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{
    registrar::Registrar,
    report::{Bound, Samples, Verdicts, figure},
    support::{config, folder, millis},
};

const APPLICATIONS: u64 = 400;
const CLIENTS: usize = 64;
const PATIENCE: Duration = Duration::from_secs(10);
/// How old what a node knows may be.
const BOUND: Duration = Duration::from_secs(1);

pub(crate) async fn measure(verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let folder = folder()?;
    let config = config(folder.path(), None)?;
    let house = House::open(&config).await?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = Server::bind(house.clone(), &config).await?;
    let serving = tokio::spawn(server.run(async {
        stopped.await.ok();
    }));
    let registrar = Registrar::found(house.commands.clone()).await?;
    let knowledge = house.knowledge().await?;
    let following = CancellationToken::new();
    let follow = knowledge.clone().follow(house.commands.log.clone(), BOUND, following.clone());
    let following = (tokio::spawn(follow), following.drop_guard());
    let alone = watch(&house, &knowledge, &registrar, 0, 1).await?;
    let together = watch(&house, &knowledge, &registrar, APPLICATIONS, CLIENTS).await?;
    drop(following);
    stop.send(()).ok();
    serving.await??;

    verdicts.target("until visible, 1 client", "ms", &alone, Bound::AtMost(10.0));
    let worst: Samples = [alone.quantile(990)].into_iter().collect();
    figure("of 100 the slowest, 1 client", "ms", &worst);
    figure(format!("until visible, {CLIENTS} clients"), "ms", &together);
    Ok(())
}

/// Milliseconds of each registration.
async fn watch(
    house: &House,
    knowledge: &Arc<Knowledge>,
    registrar: &Registrar,
    first: u64,
    clients: usize,
) -> anyhow::Result<Samples> {
    let samples = Arc::new(Mutex::new(Samples::default()));
    let shown = {
        let (house, knowledge) = (house.clone(), knowledge.clone());
        let samples = samples.clone();
        move |created: Created| {
            let acknowledged = Instant::now();
            let (house, knowledge) = (house.clone(), knowledge.clone());
            let samples = samples.clone();
            async move {
                ensure!(house.projections.wait_for(created.position, PATIENCE).await, "not shown");
                ensure!(knowledge.wait_for(created.position, PATIENCE).await, "not known");
                ensure!(knowledge.application(created.id).is_some(), "no row");
                samples.lock().await.push(millis(acknowledged.elapsed()));
                Ok(())
            }
        }
    };
    registrar.register_all(first..first + APPLICATIONS, clients, shown).await?;
    Ok(std::mem::take(&mut *samples.lock().await))
}
