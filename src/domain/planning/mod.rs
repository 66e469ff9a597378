//! What planning works on: the tables of a county as values ([`input`]) and the same, indexed and in canonical
//! order, for the computations ([`instance`]).

pub mod dayset;
pub mod input;
pub mod instance;
pub mod visit;

pub use input::Input;
pub use instance::Instance;
pub use visit::{Requirement, Visit, VisitFault};
