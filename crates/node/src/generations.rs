//! Generations as JavaScript holds them: begin, seal, promote, roll back, list, pin, drop.

use gennaker_core::database::{BeginFrom, BeginOptions, GenerationState, Switched, Writes};
use gennaker_core::segment::writer::Watch;
use napi::Env;
use napi::bindgen_prelude::{Function, Object};
use napi_derive::napi;

use crate::cancel::CancelFlag;
use crate::database::Database;
use crate::handle::Call;
use crate::progress::Progress;
use crate::promise::as_is;

/// One generation.
#[napi(object, object_from_js = false)]
pub struct Generation {
    /// Its number.
    pub generation: f64,
    /// `"live"`, `"kept"` (was live), `"sealed"` (never was) or `"building"`.
    #[napi(ts_type = "'live' | 'kept' | 'sealed' | 'building'")]
    pub state: &'static str,
    /// The newest batch in it.
    pub sequence: f64,
    /// Documents.
    pub documents: f64,
    /// Bytes of its files.
    pub bytes: f64,
    /// Whether retention spares it.
    pub pinned: bool,
    /// Milliseconds since 1970 when it was made or sealed; 0 while it is being built.
    pub created_ms: f64,
}

/// A sealed build.
#[napi(object, object_from_js = false)]
pub struct Sealed {
    /// Its number.
    pub generation: f64,
    /// The newest batch in it.
    pub sequence: f64,
    /// Documents in it.
    pub documents: f64,
    /// Bytes of its files.
    pub bytes: f64,
}

/// A finished promotion or rollback.
#[napi(object, object_from_js = false)]
pub struct Switch {
    /// The generation that is live now.
    pub generation: f64,
    /// The one that was.
    pub previous: f64,
    /// Number of the switch.
    pub sequence: f64,
    /// Live writes carried over.
    pub carried: f64,
    /// Live writes left behind.
    pub dropped: f64,
}

impl From<Switched> for Switch {
    fn from(done: Switched) -> Self {
        Self {
            generation: done.generation as f64,
            previous: done.from as f64,
            sequence: done.sequence as f64,
            carried: done.carried as f64,
            dropped: done.dropped as f64,
        }
    }
}

#[napi]
impl Database {
    /// Starts a build of `collections` (all, when absent) and resolves with its number.
    #[napi(ts_return_type = "Promise<number>", catch_unwind)]
    pub fn begin<'env>(
        &self,
        env: &'env Env,
        is_empty: bool,
        collections: Option<Vec<String>>,
    ) -> napi::Result<Object<'env>> {
        let work = move |call: &Call, _: &dyn Fn() -> bool| {
            let from = if is_empty { BeginFrom::Empty } else { BeginFrom::Live };
            let generation = call.database().begin(&BeginOptions { from, collections })?;
            call.engine().set_building(generation);
            Ok(generation)
        };
        self.keep(env, None, work, |_, generation| Ok(generation as f64))
    }

    /// Finishes a build; `progress` takes the share done.
    #[napi(ts_return_type = "Promise<Sealed>", catch_unwind)]
    pub fn seal<'env>(
        &self,
        env: &'env Env,
        generation: f64,
        cancel: Option<&CancelFlag>,
        progress: Option<Function<'_, f64, ()>>,
    ) -> napi::Result<Object<'env>> {
        let (generation, progress) = (generation as u64, Progress::to(progress.as_ref())?);
        let work = move |call: &Call, stop: &dyn Fn() -> bool| {
            let watch = Watch { progress: &|share| progress.report(share), cancelled: stop };
            let sealed = call.database().seal(generation, &watch)?;
            call.engine().end_building(generation);
            let all = call.database().generations();
            let sequence = all.iter().find(|one| one.generation == generation).map_or(0, |one| one.sequence);
            Ok(Sealed {
                generation: generation as f64,
                sequence: sequence as f64,
                documents: sealed.documents as f64,
                bytes: sealed.bytes as f64,
            })
        };
        self.keep(env, cancel, work, as_is)
    }

    /// Reads every file of one generation; resolves with what is wrong, one sentence each.
    #[napi(ts_return_type = "Promise<Array<string>>", catch_unwind)]
    pub fn verify_generation<'env>(
        &self,
        env: &'env Env,
        generation: f64,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let work = move |call: &Call, stop: &dyn Fn() -> bool| {
            let watch = Watch { progress: &|_| (), cancelled: stop };
            let found = call.database().verify_generation(generation as u64, &watch)?;
            Ok(found.problems.iter().map(|one| format!("{}: {}", one.file, one.problem)).collect::<Vec<_>>())
        };
        self.keep(env, cancel, work, as_is)
    }

    /// Forgets a build, or a sealed generation that was never live.
    #[napi(ts_return_type = "Promise<void>", catch_unwind)]
    pub fn abandon<'env>(&self, env: &'env Env, generation: f64) -> napi::Result<Object<'env>> {
        let generation = generation as u64;
        let work = move |call: &Call, _: &dyn Fn() -> bool| {
            call.database().abandon(generation)?;
            call.engine().end_building(generation);
            Ok(())
        };
        self.keep(env, None, work, as_is)
    }

    /// Makes a sealed generation live; without `carry` it is refused when live writes arrived since `begin`.
    #[napi(ts_return_type = "Promise<Switch>", catch_unwind)]
    pub fn promote<'env>(&self, env: &'env Env, generation: f64, carry: bool) -> napi::Result<Object<'env>> {
        let writes = if carry { Writes::Keep } else { Writes::Refuse };
        let work = move |call: &Call, _: &dyn Fn() -> bool| call.database().promote(generation as u64, writes);
        self.keep(env, None, work, |_, done| Ok(Switch::from(done)))
    }

    /// Makes a kept generation live again: `to`, or the one before.
    #[napi(ts_return_type = "Promise<Switch>", catch_unwind)]
    pub fn rollback<'env>(&self, env: &'env Env, to: Option<f64>, keep_writes: bool) -> napi::Result<Object<'env>> {
        let writes = if keep_writes { Writes::Keep } else { Writes::Drop };
        let to = to.map(|generation| generation as u64);
        let work = move |call: &Call, _: &dyn Fn() -> bool| call.database().rollback(to, writes);
        self.keep(env, None, work, |_, done| Ok(Switch::from(done)))
    }

    /// All generations in ascending order.
    #[napi(ts_return_type = "Promise<Array<Generation>>", catch_unwind)]
    pub fn generations<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let work = |call: &Call, _: &dyn Fn() -> bool| {
            let all = call.database().generations().into_iter().map(|one| Generation {
                generation: one.generation as f64,
                state: match one.state {
                    GenerationState::Live => "live",
                    GenerationState::Kept => "kept",
                    GenerationState::Sealed => "sealed",
                    GenerationState::Building => "building",
                },
                sequence: one.sequence as f64,
                documents: one.documents as f64,
                bytes: one.bytes as f64,
                pinned: one.pinned,
                created_ms: one.created_ms as f64,
            });
            Ok(all.collect::<Vec<_>>())
        };
        self.keep(env, None, work, as_is)
    }

    /// Spares a generation from retention, or no longer.
    #[napi(ts_return_type = "Promise<void>", catch_unwind)]
    pub fn pin<'env>(&self, env: &'env Env, generation: f64, pinned: bool) -> napi::Result<Object<'env>> {
        self.keep(env, None, move |call, _| call.database().pin(generation as u64, pinned), as_is)
    }

    /// Forgets a kept or sealed generation.
    #[napi(ts_return_type = "Promise<void>", catch_unwind)]
    pub fn drop_generation<'env>(&self, env: &'env Env, generation: f64) -> napi::Result<Object<'env>> {
        self.keep(env, None, move |call, _| call.database().drop_generation(generation as u64), as_is)
    }
}
