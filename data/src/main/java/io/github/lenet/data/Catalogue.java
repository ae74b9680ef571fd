package io.github.lenet.data;

import java.util.List;
import java.util.Optional;

/** The data sets that are known by their hashes. */
final class Catalogue {
  private Catalogue() {}

  static List<DatasetSource> sources() {
    return List.of(FashionMnist.SOURCE, Mnist.SOURCE);
  }

  /** Names the file with this hash (gzipped or raw), as in "MNIST's t10k-images-idx3-ubyte.gz". */
  static Optional<String> identify(String sha256) {
    for (DatasetSource source : sources()) {
      for (DatasetFile file : source.files()) {
        if (sha256.equals(file.sha256()) || sha256.equals(file.rawSha256())) {
          return Optional.of(source.title() + "'s " + file.name());
        }
      }
    }
    return Optional.empty();
  }

  /** The data set whose four files these are, by their raw hashes. */
  static Optional<DatasetSource> identify(IdxQuartet files) {
    return sources().stream()
        .filter(
            source ->
                source.trainImages().rawSha256().equals(files.trainImages().rawSha256())
                    && source.trainLabels().rawSha256().equals(files.trainLabels().rawSha256())
                    && source.testImages().rawSha256().equals(files.testImages().rawSha256())
                    && source.testLabels().rawSha256().equals(files.testLabels().rawSha256()))
        .findFirst();
  }
}
