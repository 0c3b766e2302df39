module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main() -> (tensor<3xui32> {jax.result_info = "result[0]"}, tensor<3xui32> {jax.result_info = "result[1]"}) {
    %0 = stablehlo.iota dim = 0 : tensor<3xui64>
    %c = stablehlo.constant dense<1> : tensor<ui64>
    %1 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<ui64>) -> tensor<3xui64>
    %2 = stablehlo.multiply %1, %0 : tensor<3xui64>
    %c_0 = stablehlo.constant dense<32> : tensor<ui64>
    %3 = stablehlo.broadcast_in_dim %c_0, dims = [] : (tensor<ui64>) -> tensor<3xui64>
    %4 = stablehlo.shift_right_logical %2, %3 : tensor<3xui64>
    %5 = stablehlo.convert %2 : (tensor<3xui64>) -> tensor<3xui32>
    %6 = stablehlo.convert %4 : (tensor<3xui64>) -> tensor<3xui32>
    return %6, %5 : tensor<3xui32>, tensor<3xui32>
  }
}
