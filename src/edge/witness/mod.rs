//! The recording proxy that is the only way from a workspace to the Nango API. Start at [`Witness`].
//!
//! | file | noun |
//! |---|---|
//! | `server` | [`Witness`]: listens, routes by key |
//! | `keys` | whose key is whose |
//! | `attempt` | what is kept of one attempt: who, and the tape |
//! | `access` | [`WitnessAccess`]: one attempt's leave to use it, with its keys and its tape |
//! | `compile_key` | [`CompileKey`]: a key that opens nothing but that |
//! | `aside` | [`Aside`]: what is asked of us, not of the API |
//! | `route` | what may be asked; pure, and the place for rules on writing |
//! | `clean_up` | requests that remove what our run created |
//! | `path` | paths without tricks; pure |
//! | `wire` | one request, carried to the API and back |
//! | `answer` | what goes back |
//! | `replay` | [`Replay`]: what the clean room is answered from the tape; pure |
//! | `message` | headers and bodies |
//! | `translate` | the folder's name and Nango's id of one integration; pure |
//! | `blank` | credentials taken out of answers; pure |
//! | `refusal` | what the witness answers itself |

mod access;
mod answer;
mod aside;
mod attempt;
mod blank;
mod clean_up;
mod compile_key;
mod keys;
mod message;
mod path;
mod refusal;
mod replay;
mod route;
mod server;
mod translate;
mod wire;

pub use access::WitnessAccess;
pub use aside::Aside;
pub use attempt::{Admission, MetadataWrites};
pub use compile_key::CompileKey;
pub use replay::Replay;
pub use server::{Witness, WitnessConfig, WitnessError};
