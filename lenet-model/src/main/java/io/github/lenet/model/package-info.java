/**
 * LeNet-5 as TensorFlow Java operations.
 *
 * <p>Start at {@link io.github.lenet.model.LeNetConfig#classic()}, which describes the network
 * layer by layer, and {@link io.github.lenet.model.LeNet}, which builds it into a caller's {@link
 * org.tensorflow.op.Ops}. Layers have the same names in code, graph, tables and documentation:
 * {@code conv1 pool1 conv2 pool2 dense1 dense2 logits}.
 *
 * <p>This package knows nothing of data sets, of training or of files, and it never creates a graph
 * or a session: whoever does so closes it. No public method takes or returns null.
 */
package io.github.lenet.model;
