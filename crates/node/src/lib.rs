//! The napi binding: it copies arguments in, submits jobs to its own threads, and answers with columns; it holds no logic
//! of its own.
//!
//! Rules that every function here keeps: inputs are copied before a call returns; whatever may take longer than a
//! millisecond leaves the JavaScript thread; libuv's threads are never used; a panic becomes `GENNAKER_INTERNAL`; a
//! promise is always settled; numbers come checked by TypeScript, since `u32` would wrap.

#![cfg_attr(test, allow(dead_code))] // a test binary registers nothing with Node
#![allow(unreachable_pub)] // napi exports what is `pub`, and nothing of a cdylib is reached from Rust

mod about;
mod cancel;
mod columns;
mod database;
mod documents;
mod engine;
mod errors;
mod events;
mod generations;
mod handle;
mod place;
mod progress;
mod promise;
mod query;
mod registry;
mod scan;
mod schema;
mod search;
mod workers;
