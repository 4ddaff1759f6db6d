//! Traces of runs, builds, attempts and reports for a collector that speaks OTLP, where the usual variables name one. Source of
//! the variables: the OpenTelemetry specification, "OpenTelemetry Protocol Exporter".

use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

/// What a subscriber takes besides its own.
type BoxedLayer<S> = Box<dyn Layer<S> + Send + Sync>;

/// Either of them asks for traces.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// Whether somebody asks for traces.
fn is_asked() -> bool {
    let is_off =
        std::env::var("OTEL_SDK_DISABLED").is_ok_and(|off| off.eq_ignore_ascii_case("true"));
    let names_one = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !is_off && ENDPOINTS.iter().any(names_one)
}

#[cfg(feature = "otlp")]
pub use with_otlp::Traces;
#[cfg(not(feature = "otlp"))]
pub use without::Traces;

#[cfg(feature = "otlp")]
mod with_otlp {
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_otlp::SpanExporter;
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::Layer as _;

    use super::{BoxedLayer, LookupSpan, is_asked};

    /// Sends spans from a thread of its own; what the collector does not take is lost, and nobody waits for it.
    pub struct Traces(Option<SdkTracerProvider>);

    impl Traces {
        /// As the environment says.
        ///
        /// # Errors
        /// In words, when what it says cannot be used.
        pub fn from_env() -> Result<Self, String> {
            if !is_asked() {
                return Ok(Self(None));
            }
            let exporter = SpanExporter::builder()
                .with_http()
                .build()
                .map_err(|error| error.to_string())?;
            let mut resource = Resource::builder();
            // The variables have the last word.
            if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
                resource = resource.with_service_name(env!("CARGO_PKG_NAME"));
            }
            let provider = SdkTracerProvider::builder()
                .with_resource(resource.build())
                .with_batch_exporter(exporter)
                .build();
            Ok(Self(Some(provider)))
        }

        /// For the subscriber of the process.
        pub fn layer<S>(&self) -> Option<BoxedLayer<S>>
        where
            S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
        {
            let provider = self.0.as_ref()?;
            let tracer = provider.tracer(env!("CARGO_PKG_NAME"));
            Some(tracing_opentelemetry::layer().with_tracer(tracer).boxed())
        }

        /// Sends what is left. It blocks until the collector has taken that, or for a few seconds.
        pub fn end(self) {
            if let Some(provider) = self.0
                && let Err(error) = provider.shutdown()
            {
                tracing::warn!(%error, "the last traces were not sent");
            }
        }
    }
}

#[cfg(not(feature = "otlp"))]
mod without {
    use super::{BoxedLayer, LookupSpan, is_asked};

    /// Nothing, in a build without OTLP.
    pub struct Traces;

    impl Traces {
        /// As the environment says.
        ///
        /// # Errors
        /// In words, when it asks for traces.
        pub fn from_env() -> Result<Self, String> {
            match is_asked() {
                false => Ok(Self),
                true => Err("this Countersign was built without OTLP; take a release, or build it with `--features otlp`".into()),
            }
        }

        /// For the subscriber of the process.
        pub fn layer<S>(&self) -> Option<BoxedLayer<S>>
        where
            S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
        {
            None
        }

        /// There is nothing to send.
        pub fn end(self) {}
    }
}
