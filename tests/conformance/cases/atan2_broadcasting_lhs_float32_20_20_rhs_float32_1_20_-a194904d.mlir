module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<20x20xf32>, %arg1: tensor<1x20xf32>) -> (tensor<20x20xf32> {jax.result_info = "result"}) {
    %0 = stablehlo.broadcast_in_dim %arg1, dims = [0, 1] : (tensor<1x20xf32>) -> tensor<20x20xf32>
    %1 = stablehlo.atan2 %arg0, %0 : tensor<20x20xf32>
    return %1 : tensor<20x20xf32>
  }
}
