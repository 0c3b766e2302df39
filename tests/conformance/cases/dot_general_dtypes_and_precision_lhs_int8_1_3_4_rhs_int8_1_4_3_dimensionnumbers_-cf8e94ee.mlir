module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<1x3x4xi8>, %arg1: tensor<1x4x3xi8>) -> (tensor<1xi8> {jax.result_info = "result"}) {
    %0 = stablehlo.dot_general %arg0, %arg1, batching_dims = [0] x [0], contracting_dims = [2, 1] x [1, 2], precision = [HIGH, HIGH] : (tensor<1x3x4xi8>, tensor<1x4x3xi8>) -> tensor<1xi8>
    return %0 : tensor<1xi8>
  }
}
