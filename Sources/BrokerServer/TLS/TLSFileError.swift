/// A file named in the TLS configuration is missing or is not what it should be.
public struct TLSFileError: Error, CustomStringConvertible {
    public let file: String
    public let reason: String

    public var description: String { "cannot use \(file) for TLS: \(reason)" }

    static func naming<Result>(_ file: String, _ body: (String) throws -> Result) throws -> Result {
        do {
            return try body(file)
        } catch {
            throw TLSFileError(file: file, reason: "\(error)")
        }
    }
}
