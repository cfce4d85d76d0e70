/// Numbers for people.
enum BenchNumber {
    /// With so many digits behind the point, and commas between thousands.
    static func text(_ value: Double, decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        // 15 digits at most in front of the point; with three behind it that fits 64 bits.
        let scaled = Int((abs(value) * Double(scale)).rounded())
        var whole = String(scaled / scale)
        var grouped = ""
        while whole.count > 3 {
            grouped = ",\(whole.suffix(3))\(grouped)"
            whole.removeLast(3)
        }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)\(grouped)" }
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(sign)\(whole)\(grouped).\(zeros)\(fraction)"
    }
}
