/// Something in the description of the protocol that makes no sense.
struct SpecificationError: Error, Equatable {
    /// Counted from 1.
    let line: Int
    let message: String
}
