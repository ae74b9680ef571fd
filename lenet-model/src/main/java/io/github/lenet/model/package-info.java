/**
 * LeNet-5 as TensorFlow Java operations, and as something to ask what an image shows.
 *
 * <p>To classify images, start at {@link io.github.lenet.model.LeNetClassifier}: it loads a model
 * that this project has trained, or the one that is part of this library. {@link
 * io.github.lenet.model.ImageFiles} and {@link io.github.lenet.model.ImagePreprocessor} take in
 * images from outside.
 *
 * <p>To build the network into a graph of one's own, start at {@link
 * io.github.lenet.model.LeNetConfig#classic()}, which describes it layer by layer, and {@link
 * io.github.lenet.model.LeNet}, which builds it into a caller's {@link org.tensorflow.op.Ops}.
 * Layers have the same names in code, graph, tables and documentation: {@code conv1 pool1 conv2
 * pool2 dense1 dense2 logits}.
 *
 * <p>This package knows nothing of data sets and of training. Only a classifier creates a graph and
 * a session, and it closes them. No public method takes or returns null.
 */
package io.github.lenet.model;
