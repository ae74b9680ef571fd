/**
 * Fashion-MNIST, MNIST and other IDX files: fetched, verified, decoded, and cut into batches.
 *
 * <p>Start with {@link io.github.lenet.data.FashionMnist#load(io.github.lenet.data.DatasetCache)}:
 *
 * <pre>{@code
 * DatasetCache cache =
 *     new DatasetCache(DatasetCache.defaultDirectory(), false, DownloadListener.NONE);
 * DatasetSplits splits = FashionMnist.load(cache);
 * for (ImageBatch batch : splits.train().shuffledBatches(256, 1)) {
 *   try (batch) {
 *     // batch.images(): uint8 [b, 28, 28]; batch.labels(): uint8 [b]
 *   }
 * }
 * }</pre>
 *
 * <p>The way of a data set: a {@link io.github.lenet.data.DatasetSource} says which files there
 * are, from where, and what they must hash to; {@link io.github.lenet.data.DatasetCache} turns them
 * into verified local files; the IDX reader turns bytes into an {@link
 * io.github.lenet.data.ImageDataset}; and that hands out {@link io.github.lenet.data.ImageBatch
 * batches} as tensors.
 *
 * <p>Pixels stay uint8, 0 (background) to 255, until a model scales them. This package must not
 * know the model: no scaling, no one-hot labels, no assumption that an image is 28 by 28.
 *
 * <p>Nothing is printed. What happens behind the scenes (a mirror that failed, a corrupt file in
 * the cache) goes to {@link java.lang.System.Logger}, named after this package.
 */
package io.github.lenet.data;
