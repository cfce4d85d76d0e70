/// Names for queues that the broker names, `amq.gen-` and 22 characters that nobody can guess, as RabbitMQ's.
struct QueueNameGenerator {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    private var random = SystemRandomNumberGenerator()

    mutating func next() -> String {
        "amq.gen-" + token(characters: 22)
    }

    /// 6 bits of randomness a character.
    mutating func token(characters: Int) -> String {
        String((0..<characters).map { _ in Self.alphabet[Int(random.next() & 63)] })
    }
}
