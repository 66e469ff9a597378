//! Draws: the pool, the attempts with their witnesses, and what the public sees.

mod frozen;
mod operator;
mod published;
mod view;
mod witnesses;

pub use frozen::{PoolExcluded, PoolLeftOut, PoolView, freeze, get_pool, release};
pub use operator::{
    BeaconBody, BeaconProofBody, BeaconsBody, DrawAbort, DrawOpening, DrawRound, DrawnView, GoneBody,
    WitnessBody, abort, again, beacon, drawn, get, of, open, publish, result, reveal, round, seal,
};
pub(in crate::web::api) use published::shown;
pub use published::{
    BundleBytes, CheckQuery, DrawCheck, PublicDraw, audit, check, public_bundle, public_list,
};
pub use view::{DrawBlocker, DrawView, WitnessView};
pub use witnesses::{WitnessCard, WitnessCommitment, WitnessReceipt, commit, open_card};
