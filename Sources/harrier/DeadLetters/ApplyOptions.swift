import ArgumentParser

/// Whether a plan is carried out.
struct ApplyOptions: ParsableArguments {
    @Flag(help: "Carry the plan out.")
    var apply = false

    @Option(help: "With --apply: the plan that was shown, by its hash, instead of a new one.")
    var plan: String?

    @Flag(help: "With --apply: do not wait for the end; `harrier dlq task` tells of it.")
    var detach = false

    func validate() throws {
        guard apply || (plan == nil && !detach) else { throw ValidationError("--plan and --detach go with --apply") }
    }
}
