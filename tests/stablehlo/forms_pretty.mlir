module @jit_model attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4x5xf32>, %arg1: tensor<6x5xf32>, %arg2: tensor<4x5xi32>) -> (tensor<i32> {jax.result_info = "result[0]"}, tensor<6xf32> {jax.result_info = "result[1]"}, tensor<4x5xf32> {jax.result_info = "result[2]"}, tensor<4x5xf16> {jax.result_info = "result[3]"}, tensor<4x5xi32> {jax.result_info = "result[4]"}, tensor<4x5xf32> {jax.result_info = "result[5]"}, tensor<4x5xf32> {jax.result_info = "result[6]"}, tensor<5xf32> {jax.result_info = "result[7]"}, tensor<4x3xf32> {jax.result_info = "result[8]"}, tensor<4x2xf32> {jax.result_info = "result[9][0]"}, tensor<4x2xi32> {jax.result_info = "result[9][1]"}, tensor<4x5xf32> {jax.result_info = "result[10]"}, tensor<5x5xf32> {jax.result_info = "result[11]"}, tensor<4x5xf32> {jax.result_info = "result[12]"}, tensor<3x4xf32> {jax.result_info = "result[13]"}, tensor<6x7xf32> {jax.result_info = "result[14]"}, tensor<i32> {jax.result_info = "result[15][0]"}, tensor<5xf32> {jax.result_info = "result[15][1]"}, tensor<4x5xcomplex<f32>> {jax.result_info = "result[16]"}, tensor<5xi1> {jax.result_info = "result[17]"}, tensor<4x5xbf16> {jax.result_info = "result[18]"}) {
    %cst = stablehlo.constant dense<[(1.000000e+00,2.000000e+00), (3.000000e+00,-1.000000e+00), (0.000000e+00,0.000000e+00), (0.000000e+00,1.000000e+00), (-1.000000e+00,0.000000e+00)]> : tensor<5xcomplex<f32>>
    %c = stablehlo.constant dense<[true, false, true, true, false]> : tensor<5xi1>
    %0 = stablehlo.slice %arg0 [0:1, 0:5] : (tensor<4x5xf32>) -> tensor<1x5xf32>
    %1 = stablehlo.reshape %0 : (tensor<1x5xf32>) -> tensor<5xf32>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %2 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f32>) -> tensor<6x5xf32>
    %c_1 = stablehlo.constant dense<0> : tensor<i32>
    %3:4 = stablehlo.while(%iterArg = %arg1, %iterArg_19 = %c_1, %iterArg_20 = %1, %iterArg_21 = %2) : tensor<6x5xf32>, tensor<i32>, tensor<5xf32>, tensor<6x5xf32>
    cond {
      %c_22 = stablehlo.constant dense<6> : tensor<i32>
      %60 = stablehlo.compare LT, %iterArg_19, %c_22, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %60 : tensor<i1>
    } do {
      %60 = func.call @dynamic_index_in_dim(%iterArg, %iterArg_19) : (tensor<6x5xf32>, tensor<i32>) -> tensor<5xf32>
      %61 = stablehlo.sine %iterArg_20 : tensor<5xf32>
      %62 = stablehlo.add %61, %60 : tensor<5xf32>
      %63 = func.call @dynamic_update_index_in_dim(%iterArg_21, %iterArg_20, %iterArg_19) : (tensor<6x5xf32>, tensor<5xf32>, tensor<i32>) -> tensor<6x5xf32>
      %c_22 = stablehlo.constant dense<1> : tensor<i32>
      %64 = stablehlo.add %iterArg_19, %c_22 : tensor<i32>
      stablehlo.return %iterArg, %64, %62, %63 : tensor<6x5xf32>, tensor<i32>, tensor<5xf32>, tensor<6x5xf32>
    }
    %cst_2 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %4 = stablehlo.reduce(%3#2 init: %cst_2) applies stablehlo.add across dimensions = [0] : (tensor<5xf32>, tensor<f32>) -> tensor<f32>
    %cst_3 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %5 = stablehlo.compare GT, %4, %cst_3, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %6 = stablehlo.convert %5 : (tensor<i1>) -> tensor<i32>
    %7 = "stablehlo.case"(%6) ({
      %cst_19 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %60 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f32>) -> tensor<5xf32>
      %61 = stablehlo.subtract %3#2, %60 : tensor<5xf32>
      stablehlo.return %61 : tensor<5xf32>
    }, {
      %cst_19 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
      %60 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f32>) -> tensor<5xf32>
      %61 = stablehlo.multiply %3#2, %60 : tensor<5xf32>
      stablehlo.return %61 : tensor<5xf32>
    }) : (tensor<i32>) -> tensor<5xf32>
    %values, %indices = chlo.top_k(%arg0, k = 2) : tensor<4x5xf32> -> (tensor<4x2xf32>, tensor<4x2xi32>)
    %8 = stablehlo.convert %arg0 : (tensor<4x5xf32>) -> tensor<4x5xf16>
    %9:2 = "stablehlo.sort"(%8, %arg2) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg3: tensor<f16>, %arg4: tensor<f16>, %arg5: tensor<i32>, %arg6: tensor<i32>):
      %cst_19 = stablehlo.constant dense<0.000000e+00> : tensor<f16>
      %60 = stablehlo.compare EQ, %arg3, %cst_19, FLOAT : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %cst_20 = stablehlo.constant dense<0.000000e+00> : tensor<f16>
      %61 = stablehlo.select %60, %cst_20, %arg3 : tensor<i1>, tensor<f16>
      %62 = stablehlo.compare NE, %arg3, %arg3, FLOAT : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %cst_21 = stablehlo.constant dense<0x7E00> : tensor<f16>
      %63 = stablehlo.select %62, %cst_21, %61 : tensor<i1>, tensor<f16>
      %cst_22 = stablehlo.constant dense<0.000000e+00> : tensor<f16>
      %64 = stablehlo.compare EQ, %arg4, %cst_22, FLOAT : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %cst_23 = stablehlo.constant dense<0.000000e+00> : tensor<f16>
      %65 = stablehlo.select %64, %cst_23, %arg4 : tensor<i1>, tensor<f16>
      %66 = stablehlo.compare NE, %arg4, %arg4, FLOAT : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %cst_24 = stablehlo.constant dense<0x7E00> : tensor<f16>
      %67 = stablehlo.select %66, %cst_24, %65 : tensor<i1>, tensor<f16>
      %68 = stablehlo.compare LT, %arg5, %arg6, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %69 = stablehlo.compare LT, %63, %67, TOTALORDER : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %70 = stablehlo.compare EQ, %63, %67, TOTALORDER : (tensor<f16>, tensor<f16>) -> tensor<i1>
      %71 = stablehlo.and %70, %68 : tensor<i1>
      %72 = stablehlo.or %69, %71 : tensor<i1>
      stablehlo.return %72 : tensor<i1>
    }) : (tensor<4x5xf16>, tensor<4x5xi32>) -> (tensor<4x5xf16>, tensor<4x5xi32>)
    %10 = stablehlo.reshape %3#3 : (tensor<6x5xf32>) -> tensor<30xf32>
    %11 = call @argmax(%10) : (tensor<30xf32>) -> tensor<i32>
    %12 = stablehlo.transpose %3#3, dims = [1, 0] : (tensor<6x5xf32>) -> tensor<5x6xf32>
    %13 = stablehlo.dot_general %7, %12, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<5xf32>, tensor<5x6xf32>) -> tensor<6xf32>
    %14 = "stablehlo.sort"(%arg0) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg3: tensor<f32>, %arg4: tensor<f32>):
      %cst_19 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %60 = stablehlo.compare EQ, %arg3, %cst_19, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %cst_20 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %61 = stablehlo.select %60, %cst_20, %arg3 : tensor<i1>, tensor<f32>
      %62 = stablehlo.compare NE, %arg3, %arg3, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %cst_21 = stablehlo.constant dense<0x7FC00000> : tensor<f32>
      %63 = stablehlo.select %62, %cst_21, %61 : tensor<i1>, tensor<f32>
      %cst_22 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %64 = stablehlo.compare EQ, %arg4, %cst_22, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %cst_23 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %65 = stablehlo.select %64, %cst_23, %arg4 : tensor<i1>, tensor<f32>
      %66 = stablehlo.compare NE, %arg4, %arg4, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %cst_24 = stablehlo.constant dense<0x7FC00000> : tensor<f32>
      %67 = stablehlo.select %66, %cst_24, %65 : tensor<i1>, tensor<f32>
      %68 = stablehlo.compare LT, %63, %67, TOTALORDER : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %68 : tensor<i1>
    }) : (tensor<4x5xf32>) -> tensor<4x5xf32>
    %cst_4 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %15 = stablehlo.reduce(%arg0 init: %cst_4) applies stablehlo.maximum across dimensions = [1] : (tensor<4x5xf32>, tensor<f32>) -> tensor<4xf32>
    %cst_5 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %16 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %17 = stablehlo.maximum %16, %15 : tensor<4xf32>
    %18 = stablehlo.broadcast_in_dim %17, dims = [0] : (tensor<4xf32>) -> tensor<4x1xf32>
    %19 = stablehlo.broadcast_in_dim %18, dims = [0, 1] : (tensor<4x1xf32>) -> tensor<4x5xf32>
    %20 = stablehlo.subtract %arg0, %19 : tensor<4x5xf32>
    %21 = stablehlo.exponential %20 : tensor<4x5xf32>
    %cst_6 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %22 = stablehlo.reduce(%21 init: %cst_6) applies stablehlo.add across dimensions = [1] : (tensor<4x5xf32>, tensor<f32>) -> tensor<4xf32>
    %23 = stablehlo.broadcast_in_dim %22, dims = [0] : (tensor<4xf32>) -> tensor<4x1xf32>
    %24 = stablehlo.broadcast_in_dim %23, dims = [0, 1] : (tensor<4x1xf32>) -> tensor<4x5xf32>
    %25 = stablehlo.divide %21, %24 : tensor<4x5xf32>
    %c_7 = stablehlo.constant dense<1> : tensor<i32>
    %26 = stablehlo.broadcast_in_dim %c_7, dims = [] : (tensor<i32>) -> tensor<1xi32>
    %27 = "stablehlo.scatter"(%arg0, %26, %7) <{indices_are_sorted = true, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [0], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0]>, unique_indices = true}> ({
    ^bb0(%arg3: tensor<f32>, %arg4: tensor<f32>):
      %60 = stablehlo.add %arg3, %arg4 : tensor<f32>
      stablehlo.return %60 : tensor<f32>
    }) : (tensor<4x5xf32>, tensor<1xi32>, tensor<5xf32>) -> tensor<4x5xf32>
    %cst_8 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %28 = stablehlo.reduce(%arg0 init: %cst_8) applies stablehlo.multiply across dimensions = [0] : (tensor<4x5xf32>, tensor<f32>) -> tensor<5xf32>
    %29 = stablehlo.slice %arg0 [0:4, 0:5:2] : (tensor<4x5xf32>) -> tensor<4x3xf32>
    %cst_9 = stablehlo.constant dense<2.000000e+01> : tensor<f32>
    %30 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f32>) -> tensor<4x5xf32>
    %31 = stablehlo.divide %arg0, %30 : tensor<4x5xf32>
    %32 = chlo.erf_inv %31 : tensor<4x5xf32> -> tensor<4x5xf32>
    %33 = stablehlo.slice %arg2 [0:1, 0:5] : (tensor<4x5xi32>) -> tensor<1x5xi32>
    %34 = stablehlo.reshape %33 : (tensor<1x5xi32>) -> tensor<5xi32>
    %c_10 = stablehlo.constant dense<4> : tensor<i32>
    %35 = call @remainder(%34, %c_10) : (tensor<5xi32>, tensor<i32>) -> tensor<5xi32>
    %c_11 = stablehlo.constant dense<0> : tensor<i32>
    %36 = stablehlo.broadcast_in_dim %c_11, dims = [] : (tensor<i32>) -> tensor<5xi32>
    %37 = stablehlo.compare LT, %35, %36, SIGNED : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi1>
    %c_12 = stablehlo.constant dense<4> : tensor<i32>
    %38 = stablehlo.broadcast_in_dim %c_12, dims = [] : (tensor<i32>) -> tensor<5xi32>
    %39 = stablehlo.add %35, %38 : tensor<5xi32>
    %40 = stablehlo.select %37, %39, %35 : tensor<5xi1>, tensor<5xi32>
    %41 = stablehlo.broadcast_in_dim %40, dims = [0] : (tensor<5xi32>) -> tensor<5x1xi32>
    %42 = "stablehlo.gather"(%arg0, %41) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 5>}> : (tensor<4x5xf32>, tensor<5x1xi32>) -> tensor<5x5xf32>
    %cst_13 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %43 = stablehlo.broadcast_in_dim %cst_13, dims = [] : (tensor<f32>) -> tensor<4x5xf32>
    %44 = stablehlo.compare GT, %arg0, %43, FLOAT : (tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<4x5xi1>
    %cst_14 = stablehlo.constant dense<0x7F800000> : tensor<f32>
    %45 = call @_where_0(%44, %arg0, %cst_14) : (tensor<4x5xi1>, tensor<4x5xf32>, tensor<f32>) -> tensor<4x5xf32>
    %46 = stablehlo.iota dim = 0 : tensor<12xf32>
    %47 = stablehlo.reshape %46 : (tensor<12xf32>) -> tensor<3x4xf32>
    %c_15 = stablehlo.constant dense<0> : tensor<i32>
    %48 = call @_pad(%arg0, %c_15) : (tensor<4x5xf32>, tensor<i32>) -> tensor<6x7xf32>
    %c_16 = stablehlo.constant dense<0> : tensor<i32>
    %49:4 = stablehlo.while(%iterArg = %arg2, %iterArg_19 = %3#2, %iterArg_20 = %c_16, %iterArg_21 = %3#2) : tensor<4x5xi32>, tensor<5xf32>, tensor<i32>, tensor<5xf32>
    cond {
      %c_22 = stablehlo.constant dense<0> : tensor<i32>
      %60 = stablehlo.reduce(%iterArg init: %c_22) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x5xi32>, tensor<i32>) -> tensor<i32>
      %61 = stablehlo.compare LT, %iterArg_20, %60, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %61 : tensor<i1>
    } do {
      %c_22 = stablehlo.constant dense<3> : tensor<i32>
      %60 = stablehlo.add %iterArg_20, %c_22 : tensor<i32>
      %61 = stablehlo.multiply %iterArg_21, %iterArg_19 : tensor<5xf32>
      stablehlo.return %iterArg, %iterArg_19, %60, %61 : tensor<4x5xi32>, tensor<5xf32>, tensor<i32>, tensor<5xf32>
    }
    %50 = stablehlo.complex %arg0, %arg0 : tensor<4x5xcomplex<f32>>
    %51 = stablehlo.broadcast_in_dim %cst, dims = [1] : (tensor<5xcomplex<f32>>) -> tensor<1x5xcomplex<f32>>
    %52 = stablehlo.broadcast_in_dim %51, dims = [0, 1] : (tensor<1x5xcomplex<f32>>) -> tensor<4x5xcomplex<f32>>
    %53 = stablehlo.multiply %50, %52 : tensor<4x5xcomplex<f32>>
    %cst_17 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %54 = stablehlo.broadcast_in_dim %cst_17, dims = [] : (tensor<f32>) -> tensor<5xf32>
    %55 = stablehlo.compare GT, %3#2, %54, FLOAT : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xi1>
    %56 = stablehlo.and %c, %55 : tensor<5xi1>
    %57 = stablehlo.convert %arg0 : (tensor<4x5xf32>) -> tensor<4x5xbf16>
    %cst_18 = stablehlo.constant dense<3.000000e+00> : tensor<bf16>
    %58 = stablehlo.broadcast_in_dim %cst_18, dims = [] : (tensor<bf16>) -> tensor<4x5xbf16>
    %59 = stablehlo.multiply %57, %58 : tensor<4x5xbf16>
    return %11, %13, %14, %9#0, %9#1, %25, %27, %28, %29, %values, %indices, %32, %42, %45, %47, %48, %49#2, %49#3, %53, %56, %59 : tensor<i32>, tensor<6xf32>, tensor<4x5xf32>, tensor<4x5xf16>, tensor<4x5xi32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<5xf32>, tensor<4x3xf32>, tensor<4x2xf32>, tensor<4x2xi32>, tensor<4x5xf32>, tensor<5x5xf32>, tensor<4x5xf32>, tensor<3x4xf32>, tensor<6x7xf32>, tensor<i32>, tensor<5xf32>, tensor<4x5xcomplex<f32>>, tensor<5xi1>, tensor<4x5xbf16>
  }
  func.func private @dynamic_index_in_dim(%arg0: tensor<6x5xf32>, %arg1: tensor<i32>) -> tensor<5xf32> {
    %c = stablehlo.constant dense<0> : tensor<i32>
    %0 = stablehlo.dynamic_slice %arg0, %arg1, %c, sizes = [1, 5] : (tensor<6x5xf32>, tensor<i32>, tensor<i32>) -> tensor<1x5xf32>
    %1 = stablehlo.reshape %0 : (tensor<1x5xf32>) -> tensor<5xf32>
    return %1 : tensor<5xf32>
  }
  func.func private @dynamic_update_index_in_dim(%arg0: tensor<6x5xf32>, %arg1: tensor<5xf32>, %arg2: tensor<i32>) -> tensor<6x5xf32> {
    %0 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<5xf32>) -> tensor<1x5xf32>
    %c = stablehlo.constant dense<0> : tensor<i32>
    %1 = stablehlo.dynamic_update_slice %arg0, %0, %arg2, %c : (tensor<6x5xf32>, tensor<1x5xf32>, tensor<i32>, tensor<i32>) -> tensor<6x5xf32>
    return %1 : tensor<6x5xf32>
  }
  func.func private @argmax(%arg0: tensor<30xf32>) -> tensor<i32> {
    %0 = stablehlo.iota dim = 0 : tensor<30xi32>
    %cst = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %c = stablehlo.constant dense<0> : tensor<i32>
    %1:2 = stablehlo.reduce(%arg0 init: %cst), (%0 init: %c) across dimensions = [0] : (tensor<30xf32>, tensor<30xi32>, tensor<f32>, tensor<i32>) -> (tensor<f32>, tensor<i32>)
     reducer(%arg1: tensor<f32>, %arg3: tensor<f32>) (%arg2: tensor<i32>, %arg4: tensor<i32>)  {
      %2 = stablehlo.compare GT, %arg1, %arg3, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %3 = stablehlo.compare NE, %arg1, %arg1, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %4 = stablehlo.or %2, %3 : tensor<i1>
      %5 = stablehlo.compare EQ, %arg1, %arg3, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %6 = stablehlo.compare LT, %arg2, %arg4, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %7 = stablehlo.and %5, %6 : tensor<i1>
      %8 = stablehlo.or %4, %7 : tensor<i1>
      %9 = stablehlo.select %4, %arg1, %arg3 : tensor<i1>, tensor<f32>
      %10 = stablehlo.select %8, %arg2, %arg4 : tensor<i1>, tensor<i32>
      stablehlo.return %9, %10 : tensor<f32>, tensor<i32>
    }
    return %1#1 : tensor<i32>
  }
  func.func private @remainder(%arg0: tensor<5xi32>, %arg1: tensor<i32>) -> tensor<5xi32> {
    %0 = stablehlo.convert %arg1 : tensor<i32>
    %c = stablehlo.constant dense<0> : tensor<i32>
    %1 = stablehlo.compare EQ, %0, %c, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %c_0 = stablehlo.constant dense<1> : tensor<i32>
    %2 = call @_where(%1, %c_0, %0) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
    %3 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<i32>) -> tensor<5xi32>
    %4 = stablehlo.remainder %arg0, %3 : tensor<5xi32>
    %c_1 = stablehlo.constant dense<0> : tensor<i32>
    %5 = stablehlo.broadcast_in_dim %c_1, dims = [] : (tensor<i32>) -> tensor<5xi32>
    %6 = stablehlo.compare NE, %4, %5, SIGNED : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi1>
    %c_2 = stablehlo.constant dense<0> : tensor<i32>
    %7 = stablehlo.broadcast_in_dim %c_2, dims = [] : (tensor<i32>) -> tensor<5xi32>
    %8 = stablehlo.compare LT, %4, %7, SIGNED : (tensor<5xi32>, tensor<5xi32>) -> tensor<5xi1>
    %c_3 = stablehlo.constant dense<0> : tensor<i32>
    %9 = stablehlo.compare LT, %2, %c_3, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %10 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<i1>) -> tensor<5xi1>
    %11 = stablehlo.compare NE, %8, %10, UNSIGNED : (tensor<5xi1>, tensor<5xi1>) -> tensor<5xi1>
    %12 = stablehlo.and %11, %6 : tensor<5xi1>
    %13 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<i32>) -> tensor<5xi32>
    %14 = stablehlo.add %4, %13 : tensor<5xi32>
    %15 = stablehlo.select %12, %14, %4 : tensor<5xi1>, tensor<5xi32>
    return %15 : tensor<5xi32>
  }
  func.func private @_where(%arg0: tensor<i1>, %arg1: tensor<i32>, %arg2: tensor<i32>) -> tensor<i32> {
    %0 = stablehlo.select %arg0, %arg1, %arg2 : tensor<i1>, tensor<i32>
    return %0 : tensor<i32>
  }
  func.func private @_where_0(%arg0: tensor<4x5xi1>, %arg1: tensor<4x5xf32>, %arg2: tensor<f32>) -> tensor<4x5xf32> {
    %0 = stablehlo.broadcast_in_dim %arg2, dims = [] : (tensor<f32>) -> tensor<4x5xf32>
    %1 = stablehlo.select %arg0, %arg1, %0 : tensor<4x5xi1>, tensor<4x5xf32>
    return %1 : tensor<4x5xf32>
  }
  func.func private @_pad(%arg0: tensor<4x5xf32>, %arg1: tensor<i32>) -> tensor<6x7xf32> {
    %0 = stablehlo.convert %arg1 : (tensor<i32>) -> tensor<f32>
    %1 = stablehlo.pad %arg0, %0, low = [1, 1], high = [1, 1], interior = [0, 0] : (tensor<4x5xf32>, tensor<f32>) -> tensor<6x7xf32>
    return %1 : tensor<6x7xf32>
  }
}
