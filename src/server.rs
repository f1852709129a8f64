//! A serving process: one listener, and everything that runs beside it until it is told to stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use api::{
    App,
    app::{Cors, Metrics, Parts, Settings, Surface, Throttle},
    freshness::Freshness,
    oauth::usage::Usage,
    signing::Keys,
};
use axum::serve::ListenerExt;
use briefing::Registry;
use commands::password::Passwords;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use notifier::{Notifier, post::Post};
use projections::{
    Knowledge,
    state::{Day, SessionExpiry},
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{Signal, SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    compose::House,
    config::{Config, PublicUrl, Role},
    doctor,
};

/// How long requests in flight may take once the server was told to stop.
const GRACE: Duration = Duration::from_secs(20);
/// For how many days it is kept what applications were used for on each.
const USAGE_DAYS: u32 = 400;
/// How often sessions that are over and counts of days long gone are forgotten, and metrics tidied.
const HOUSEKEEPING: Duration = Duration::from_mins(1);

/// A server that is bound and ready to run.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    public_url: PublicUrl,
    house: House,
    knowledge: Arc<Knowledge>,
    config: Config,
}

impl Server {
    /// Binds the address and reads what this node must know.
    pub async fn bind(house: House, config: &Config) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(config.listen).await.with_context(|| {
            format!(
                "{} cannot be listened on; is Oathbook running already? Choose another address with --listen",
                config.listen
            )
        })?;
        let address = listener.local_addr()?;
        let public_url = config.public_url_at(address);
        let knowledge = house.knowledge().await?;
        Ok(Self { listener, address, public_url, house, knowledge, config: config.clone() })
    }

    pub fn public_url(&self) -> &PublicUrl {
        &self.public_url
    }

    pub fn house(&self) -> &House {
        &self.house
    }

    /// Serves until `stop` ends, then finishes what is in flight.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let cancelled = CancellationToken::new();
        let mut beside = JoinSet::new();
        let app = self.start_beside(&mut beside, &cancelled).await?;
        warn_of_settings(&self.config);
        info!(
            address = %self.address,
            public_url = %self.public_url,
            roles = %self.config.roles,
            "Serving"
        );
        let listener = self.listener.tap_io(|connection: &mut TcpStream| {
            // Answers are small and wait for nothing.
            connection.set_nodelay(true).ok();
        });
        let stopping = CancellationToken::new();
        let told = stopping.clone();
        let service = api::router(app).into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
            stop.await;
            info!("Stopping: finishing requests in flight");
            told.cancel();
        });
        let overdue = async {
            stopping.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let outcome = tokio::select! {
            outcome = serving.into_future() => outcome.context("the server failed"),
            () = overdue => {
                warn!("Some requests were still in flight after {GRACE:?}");
                Ok(())
            }
        };
        cancelled.cancel();
        while beside.join_next().await.is_some() {}
        self.house.close().await;
        info!("Stopped");
        outcome
    }

    /// Starts everything that runs beside the listener.
    async fn start_beside(
        &self,
        beside: &mut JoinSet<()>,
        cancelled: &CancellationToken,
    ) -> anyhow::Result<App> {
        let Self { house, config, knowledge, .. } = self;
        let (commands, log) = (&house.commands, &house.commands.log);
        let prometheus = PrometheusBuilder::new().install_recorder()?;
        let keys = Arc::new(Keys::new(crate::cli::key_files(config)));
        let usage = Arc::new(Usage::default());
        let app = App::new(Parts {
            settings: self.settings(),
            freshness: Freshness::new(config.tokens.freshness, config.tokens.availability),
            commands: commands.clone(),
            passwords: Passwords::default(),
            knowledge: knowledge.clone(),
            projections: house.projections.clone(),
            state: house.state.clone(),
            keys: keys.clone(),
            usage: usage.clone(),
            metrics: rendered(prometheus.clone()),
            registry: Registry::default(),
        });
        let roles = &config.roles;
        if roles.include(Role::Api) {
            // The first token request may come with the first connection.
            keys.refresh(commands).await;
            let freshness = config.tokens.freshness;
            beside.spawn(knowledge.clone().follow(log.clone(), freshness, cancelled.clone()));
            beside.spawn(keys.watch(commands.clone(), cancelled.clone()));
            beside.spawn(usage.run(
                house.state.clone(),
                log.vault().clone(),
                knowledge.clone(),
                cancelled.clone(),
            ));
            beside.spawn(knowledge.clone().follow_uses(house.state.clone(), cancelled.clone()));
        }
        if roles.include(Role::Projector) {
            beside.spawn(house.projections.clone().run(cancelled.clone()));
        }
        if roles.include(Role::Notifier) {
            let notifier = self.notifier()?;
            beside.spawn(notifier.run(cancelled.clone()));
        }
        beside.spawn(housekeeping(app.clone(), prometheus, cancelled.clone()));
        Ok(app)
    }

    /// The notifier that the configuration describes.
    fn notifier(&self) -> anyhow::Result<Notifier> {
        let Self { house, config, public_url, knowledge, .. } = self;
        let url = public_url.as_url();
        let post = Post::new(&config.mail.settings(), url)
            .context("mail cannot be sent with this configuration")?;
        Ok(Notifier {
            commands: house.commands.clone(),
            log_id: house.log_id,
            views: house.views.clone(),
            state: house.state.clone(),
            post: Arc::new(post),
            public_url: url.clone(),
            worker: house.commands.mint(),
            give_up: config.mail.give_up,
            digest_at: config.mail.digest_at,
            knowledge: knowledge.clone(),
            private_keys: vec![config.keys.private.clone()],
        })
    }

    fn settings(&self) -> Settings {
        let Self { config, public_url, .. } = self;
        let answers = config.roles.include(Role::Api);
        Settings {
            surface: if answers { Surface::Everything } else { Surface::Operations },
            public_url: public_url.as_url().clone(),
            token_lifetime: config.tokens.lifetime,
            audience: config.tokens.audience_of(public_url),
            cors: Cors {
                allow_origins: config.cors.allow_origins.clone(),
                allow_headers: config.cors.allow_headers.clone(),
                preflight_max_age: config.cors.preflight_max_age,
            },
            sessions: SessionExpiry {
                idle: config.sessions.idle,
                absolute: config.sessions.absolute,
            },
            invitation_lifetime: config.invitations.lifetime,
            throttle: Throttle {
                failures_per_account: config.sign_in.attempts_per_account,
                failures_per_address: config.sign_in.attempts_per_address,
                window: config.sign_in.window,
            },
            restorable_for: config.applications.restorable_for,
            scopes: config.scopes.clone(),
            rate_limit: config.rate_limit,
            trusted_proxies: config.trusted_proxies.clone(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// What `oathbook doctor` finds in the configuration, too.
fn warn_of_settings(config: &Config) {
    if let Some(problem) = doctor::derived_public_url(config) {
        warn!("{problem}: set it to the address that clients use, the same on every node");
    }
    for engine in doctor::exposed_engines(config) {
        warn!(%engine, "What is said to this engine can be read or changed on the way");
    }
}

fn rendered(prometheus: PrometheusHandle) -> Metrics {
    Metrics(Arc::new(move || prometheus.render()))
}

async fn housekeeping(app: App, prometheus: PrometheusHandle, cancelled: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(HOUSEKEEPING) => {}
            () = cancelled.cancelled() => return,
        }
        prometheus.run_upkeep();
        let now = app.commands.clock.now();
        if let Err(error) = app.state.sweep_sessions(now, app.settings.sessions).await {
            warn!(error = &error as &dyn std::error::Error, "Sessions cannot be swept");
        }
        let kept = api::ANSWERS_KEPT;
        if let Err(error) = app.state.sweep_requests(now.minus(kept)).await {
            warn!(error = &error as &dyn std::error::Error, "Requests cannot be swept");
        }
        let kept = Day::of(now).days_before(USAGE_DAYS);
        if let Err(error) = app.state.sweep_usage(kept).await {
            warn!(error = &error as &dyn std::error::Error, "Usage cannot be swept");
        }
    }
}

/// Asks to stop: SIGTERM, or Ctrl-C.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From now on a signal does not end the process but is waited for.
    pub fn listen() -> anyhow::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    /// Ends when the process is asked to stop.
    pub async fn stop(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
