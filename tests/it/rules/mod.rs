//! The pure rules of the coordination server.

mod alias;
mod cap;
mod cycles;
mod invitation;
mod overlap;
mod password;
mod scope;
mod throttle;
