/// Frames of the reference policies, each in one of two lists, young to old. Plain and slow enough to be seen through.
struct FrameLists {
    struct Frame {
        var key: UInt64
        var byteCount: Int
        var list = 0
        var younger: Int32 = -1
        var older: Int32 = -1
    }

    private(set) var frames: [Frame] = []
    private(set) var byteCounts = [0, 0]
    private var youngest: [Int32] = [-1, -1]
    private var oldest: [Int32] = [-1, -1]
    private var free: [Int32] = []

    mutating func add(key: UInt64, byteCount: Int, to list: Int) -> Int32 {
        let number = free.popLast() ?? Int32(frames.count)
        let frame = Frame(key: key, byteCount: byteCount, list: list)
        if Int(number) == frames.count { frames.append(frame) } else { frames[Int(number)] = frame }
        link(number)
        return number
    }

    mutating func remove(_ number: Int32) {
        unlink(number)
        free.append(number)
    }

    mutating func makeYoungest(_ number: Int32) {
        unlink(number)
        link(number)
    }

    func oldest(in list: Int, where isEvictable: (Int32) -> Bool) -> Int32? {
        var number = oldest[list]
        while number >= 0, !isEvictable(number) { number = frames[Int(number)].younger }
        return number >= 0 ? number : nil
    }

    private mutating func link(_ number: Int32) {
        let list = frames[Int(number)].list
        frames[Int(number)].younger = -1
        frames[Int(number)].older = youngest[list]
        if youngest[list] >= 0 { frames[Int(youngest[list])].younger = number } else { oldest[list] = number }
        youngest[list] = number
        byteCounts[list] += frames[Int(number)].byteCount
    }

    private mutating func unlink(_ number: Int32) {
        let frame = frames[Int(number)]
        if frame.younger >= 0 {
            frames[Int(frame.younger)].older = frame.older
        } else {
            youngest[frame.list] = frame.older
        }
        if frame.older >= 0 {
            frames[Int(frame.older)].younger = frame.younger
        } else {
            oldest[frame.list] = frame.younger
        }
        byteCounts[frame.list] -= frame.byteCount
    }
}
