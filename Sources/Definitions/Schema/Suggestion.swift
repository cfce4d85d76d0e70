/// Finds what somebody meant who wrote something else.
enum Suggestion {
    /// The candidate that is nearest to what was written, if it is near enough to be a slip. Case, hyphens and
    /// underscores do not count: `autoDelete` is near `auto_delete`.
    static func nearest(to written: String, among candidates: [String]) -> String? {
        // Far longer than any key: not a slip, and not worth the quadratic work.
        guard written.utf8.count <= 64 else { return nil }
        let folded = fold(written)
        let distances = candidates.map { (candidate: $0, distance: distance(folded, fold($0))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= best.candidate.count / 3 ? best.candidate : nil
    }

    private static func fold(_ text: String) -> [Character] {
        text.lowercased().filter { $0 != "-" && $0 != "_" }.map { $0 }
    }

    /// How many characters have to be inserted, removed, replaced or swapped with their neighbour.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for (i, leftCharacter) in left.enumerated() {
            var current = [i + 1]
            for (j, rightCharacter) in right.enumerated() {
                var best = min(last[j + 1] + 1, current[j] + 1, last[j] + (leftCharacter == rightCharacter ? 0 : 1))
                if i > 0, j > 0, leftCharacter == right[j - 1], left[i - 1] == rightCharacter {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
