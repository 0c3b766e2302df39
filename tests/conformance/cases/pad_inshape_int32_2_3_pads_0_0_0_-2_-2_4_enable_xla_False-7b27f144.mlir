module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3xi32>, %arg1: tensor<i32>) -> (tensor<2x7xi32> {jax.result_info = "result"}) {
    %0 = stablehlo.pad %arg0, %arg1, low = [0, -2], high = [0, -2], interior = [0, 4] : (tensor<2x3xi32>, tensor<i32>) -> tensor<2x7xi32>
    return %0 : tensor<2x7xi32>
  }
}
