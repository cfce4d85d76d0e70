/// What a moved message is marked with, beside `x-redriven-count`.
struct RedriveStamp {
    /// Who has it moved.
    let user: String
    let task: UInt64
}
