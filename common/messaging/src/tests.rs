//! What needs no server, or only its own: the wire form, the consumer by a clock that is moved by hand, and where dead
//! letters and markers are kept.

mod agreeing;
mod consuming;
mod giving_up;
mod keeping;
mod listening;
mod losing;
mod showing;
mod waking;
mod wire;
