// Checkpoints, from the log's side: the owner settles what stands in one, the log keeps the file.

extension SegmentLog {
    /// The segments and what refers into them, for `prepareSegments` to read. With this, the content of a checkpoint at
    /// `tail` is settled: what a start from it will need stays until it is on disk, or another one is settled.
    public func encodeSegments(into encoder: inout CheckpointEncoder) {
        pendingCheckpointEnd = tailEnd
        encoder.append(UInt64(segments.count))
        for number in segments.numbers {
            guard let segment = segments[number] else { continue }
            SegmentCounts.encode(segment.pointee, pageCount: pagesPerSegment, into: &encoder)
        }
    }

    /// Puts a checkpoint in the place of the one that is there. `position` must be what `tail` was when its content was
    /// settled, and be durable really (`forceSync`).
    ///
    /// - Parameter then: called by `DiskJobs.poll` with what went wrong, if anything did: the old one is then still there.
    ///   `.outdated` if the log has grown by so much meanwhile that what the new one needs has gone.
    public func writeCheckpoint(_ content: Checkpoint, then: @escaping (StorageError?) -> Void) {
        precondition(forcedDurableEnd >= content.position.rawValue, "a checkpoint must not be ahead of the log")
        let file = CheckpointFile.Content(position: content.position, bytes: content.bytes)
        let isOutdated = pendingCheckpointEnd != content.position.rawValue
        if !isOutdated {
            writingCheckpointEnd = pendingCheckpointEnd
            pendingCheckpointEnd = 0
        }
        cache.jobs.start(
            .write,
            { [directory, disk, salt = geometry.salt] in
                DiskJobs.Outcome { () throws(StorageError) in
                    if isOutdated { throw .outdated(path: "\(directory)/\(CheckpointFile.name)") }
                    try CheckpointFile.write(file, directory: directory, salt: salt, disk: disk)
                    return DiskJobs.Value()
                }
            },
            then: { [weak self] outcome in
                guard case .failure(let error) = outcome else {
                    self?.hasWrittenCheckpoint()
                    return then(nil)
                }
                if !isOutdated { self?.writingCheckpointEnd = 0 }
                then(error)
            })
    }

    private func hasWrittenCheckpoint() {
        checkpointEnd = writingCheckpointEnd
        writingCheckpointEnd = 0
        isCheckpointOutdated = false
    }
}
