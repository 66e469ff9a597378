//! Entry point: hands the command line to [`onedoor::cli`] and turns its answer into an exit code.

fn main() -> std::process::ExitCode {
    onedoor::cli::run()
}
