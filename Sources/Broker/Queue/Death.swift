/// Why a message left its queue unwanted, and when.
struct Death: Equatable {
    let reason: DeadLetterReason
    /// Since 1970; 0 if nobody knows.
    let atSeconds: UInt64

    init(_ reason: DeadLetterReason, atSeconds: UInt64) {
        self.reason = reason
        self.atSeconds = atSeconds
    }

    /// With the time now if its own is not known.
    func known(nowMilliseconds: UInt64) -> Death {
        atSeconds > 0 ? self : Death(reason, atSeconds: nowMilliseconds / 1000)
    }

    /// As it stands in records and lists: the reason's code in the lowest eight bits, the time above.
    var code: UInt64 { reason.code | atSeconds << 8 }

    init?(code: UInt64) {
        guard let reason = DeadLetterReason(code: code & 0xff) else { return nil }
        self.init(reason, atSeconds: code >> 8)
    }
}
